"""The switchboard: every way in which the sample can be made wrong, and who should notice.

Without a fault the sample keeps its contract and its page is right; each fault breaks one
promise, the way real programs break it. A name that is not on the switchboard is refused.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from harness.errors import AskedWrongly


class Suite(StrEnum):
    """Who should catch a fault."""

    CONTRACT = "contract"
    LOAD = "load"
    UAT = "uat"
    MOCK = "mock"


class Fault(StrEnum):
    """The names, as `SAMPLE_FAULTS` takes them."""

    TOTAL_AS_TEXT = "total-as-text"
    CURRENCY_MISSING = "currency-missing"
    STATUS_MISSPELT = "status-misspelt"
    CREATED_AT_NULL = "created-at-null"
    LOCAL_TIME = "local-time"
    MARGIN_LEAKED = "margin-leaked"
    CREATE_ANSWERS_200 = "create-answers-200"
    PRODUCTS_AS_HTML = "products-as-html"
    ETAG_MISSING = "etag-missing"
    TOTAL_COUNT_MISSING = "total-count-missing"
    WRONG_LOCATION = "wrong-location"
    PLAIN_TEXT_ERRORS = "plain-text-errors"
    CRASH_ON_LONGEST_NAME = "crash-on-longest-name"
    CRASH_ON_UNKNOWN_ORDER = "crash-on-unknown-order"
    ZERO_QUANTITY_ACCEPTED = "zero-quantity-accepted"
    PAGE_ZERO_ACCEPTED = "page-zero-accepted"
    IF_MATCH_OPTIONAL = "if-match-optional"
    LONGEST_NOTE_REFUSED = "longest-note-refused"
    ORDERS_WITHOUT_TOKEN = "orders-without-token"  # noqa: S105 - a name, no secret
    DELETE_NOT_REFUSED = "delete-not-refused"
    CREATED_NOT_FOUND = "created-not-found"
    INVOICE_TOTAL_AS_TEXT = "invoice-total-as-text"
    CRASH_ON_UNKNOWN_INVOICE = "crash-on-unknown-invoice"
    PAGES_OVERLAP = "pages-overlap"
    LOST_UPDATE = "lost-update"
    STALE_AFTER_CANCEL = "stale-after-cancel"
    FOREIGN_ORDER_READABLE = "foreign-order-readable"
    FILTER_IGNORED = "filter-ignored"
    SEARCH_IS_CASE_SENSITIVE = "search-is-case-sensitive"
    KEY_PLACES_TWICE = "key-places-twice"
    ERP_FAILURE_IGNORED = "erp-failure-ignored"
    DEAD_CANCEL_BUTTON = "dead-cancel-button"
    WRONG_TOTAL_ON_PAGE = "wrong-total-on-page"
    TRANSLATION_MISSING = "translation-missing"
    UNLABELLED_QUANTITY = "unlabelled-quantity"
    FAINT_TEXT = "faint-text"
    MOUSE_ONLY_ORDER = "mouse-only-order"
    LANGUAGE_UNDECLARED = "language-undeclared"
    WRONG_TOTAL_ON_INVOICE = "wrong-total-on-invoice"
    DECLINED_PAYMENT_ACCEPTED = "declined-payment-accepted"
    INVOICE_OUTLIVES_ORDER = "invoice-outlives-order"
    FOREIGN_INVOICE_READABLE = "foreign-invoice-readable"
    INVOICE_UNTRANSLATED = "invoice-untranslated"
    SLOW_UNDER_LOAD = "slow-under-load"
    MEMORY_GROWS = "memory-grows"
    CONNECTION_LEAK = "connection-leak"
    ERRORS_UNDER_LOAD = "errors-under-load"
    ERP_QUANTITY_AS_TEXT = "erp-quantity-as-text"
    ERP_REFERENCE_MISSING = "erp-reference-missing"
    ERP_UNKNOWN_PATH = "erp-unknown-path"
    PAYMENT_AMOUNT_AS_TEXT = "payment-amount-as-text"
    PAYMENT_CURRENCY_MISSING = "payment-currency-missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A fault, the suite that should catch it, and what is wrong in one sentence."""

    fault: Fault
    suite: Suite
    sentence: str


_BY_SUITE: dict[Suite, dict[Fault, str]] = {
    Suite.CONTRACT: {
        Fault.TOTAL_AS_TEXT: "An order's total is a text instead of a number.",
        Fault.CURRENCY_MISSING: "An order lacks its currency, which the contract requires.",
        Fault.STATUS_MISSPELT: "An order's status is `open`, which is no status of the contract.",
        Fault.CREATED_AT_NULL: "A customer's creation time is null where null is not allowed.",
        Fault.LOCAL_TIME: "Times are written without `T` and `Z`, in no stated time zone.",
        Fault.MARGIN_LEAKED: "An order shows our margin, a field that nobody outside may see.",
        Fault.CREATE_ANSWERS_200: "Creating a customer answers 200, which the contract does not document.",
        Fault.PRODUCTS_AS_HTML: "The catalogue says that it is HTML.",
        Fault.ETAG_MISSING: "A customer comes without the ETag that a client needs to change it safely.",
        Fault.TOTAL_COUNT_MISSING: "The list of orders lacks its X-Total-Count header.",
        Fault.WRONG_LOCATION: "The Location of a new order leads to a path that does not exist.",
        Fault.PLAIN_TEXT_ERRORS: "An answer 404 about a record is plain text instead of a problem document.",
        Fault.CRASH_ON_LONGEST_NAME: "A customer name of exactly the greatest legal length crashes the hub (500).",
        Fault.CRASH_ON_UNKNOWN_ORDER: "Cancelling an order that does not exist crashes the hub (500).",
        Fault.ZERO_QUANTITY_ACCEPTED: "An order line with a quantity of zero or less is accepted.",
        Fault.PAGE_ZERO_ACCEPTED: "Page zero, and pages below, are accepted.",
        Fault.IF_MATCH_OPTIONAL: "A customer can be replaced without If-Match, though the contract requires it.",
        Fault.LONGEST_NOTE_REFUSED: "An order with a legal note of more than 100 characters is refused.",
        Fault.ORDERS_WITHOUT_TOKEN: "The list of orders can be read without any token.",
        Fault.DELETE_NOT_REFUSED: "DELETE on a customer, which is no operation of the contract, is carried out.",
        Fault.INVOICE_TOTAL_AS_TEXT: "An invoice gives its total as text, in euros.",
        Fault.CRASH_ON_UNKNOWN_INVOICE: "Reading an invoice that does not exist fails with 500.",
        Fault.CREATED_NOT_FOUND: "A new customer is announced as created and then cannot be found.",
    },
    Suite.UAT: {
        Fault.PAGES_OVERLAP: "The second page of orders begins with the last order of the first page.",
        Fault.LOST_UPDATE: "Of two changes to a customer made from the same version, the later overwrites the earlier.",
        Fault.STALE_AFTER_CANCEL: "A cancelled order is still listed as open.",
        Fault.FOREIGN_ORDER_READABLE: "A customer can read another customer's order.",
        Fault.FILTER_IGNORED: "The list of orders ignores the status that was asked for.",
        Fault.SEARCH_IS_CASE_SENSITIVE: "Customers are found only when the case of the letters is right.",
        Fault.KEY_PLACES_TWICE: "The same request with the same idempotency key places a second order.",
        Fault.ERP_FAILURE_IGNORED: "An order is confirmed although the ERP refused it or did not answer.",
        Fault.DEAD_CANCEL_BUTTON: "On the page, the button that cancels an order does nothing.",
        Fault.WRONG_TOTAL_ON_PAGE: "On the page, the total leaves out the quantity.",
        Fault.TRANSLATION_MISSING: "On the Chinese page, a button is in English.",
        Fault.UNLABELLED_QUANTITY: "On the page, the quantity field has no label.",
        Fault.FAINT_TEXT: "On the page, the explanation is too pale to read.",
        Fault.MOUSE_ONLY_ORDER: "On the page, an order can be placed with the mouse only.",
        Fault.LANGUAGE_UNDECLARED: "The page does not say in which language it is written.",
        Fault.WRONG_TOTAL_ON_INVOICE: "The total of an invoice leaves out the quantity.",
        Fault.DECLINED_PAYMENT_ACCEPTED: "An invoice is marked as paid although the payment provider declined.",
        Fault.INVOICE_OUTLIVES_ORDER: "The invoice of a cancelled order stays open, and can still be paid.",
        Fault.FOREIGN_INVOICE_READABLE: "A customer can read another customer's invoice.",
        Fault.INVOICE_UNTRANSLATED: "On the Chinese page, the status of an invoice is in English.",
    },
    Suite.LOAD: {
        Fault.SLOW_UNDER_LOAD: "Placing and listing orders gets slower with every request of the last second.",
        Fault.MEMORY_GROWS: "Every order placed or listed keeps half a megabyte of memory for ever.",
        Fault.CONNECTION_LEAK: "Listing orders keeps a database connection each fifth time, until none is left.",
        Fault.ERRORS_UNDER_LOAD: "Of the orders placed, each twentieth is answered 503 without a reason.",
    },
    Suite.MOCK: {
        Fault.ERP_QUANTITY_AS_TEXT: "The hub sends the ERP a quantity as text.",
        Fault.ERP_REFERENCE_MISSING: "The hub sends the ERP a sales order without its reference.",
        Fault.PAYMENT_AMOUNT_AS_TEXT: "The hub sends the payment provider an amount as text, in euros.",
        Fault.PAYMENT_CURRENCY_MISSING: "The hub sends the payment provider an amount without its currency.",
        Fault.ERP_UNKNOWN_PATH: "The hub reserves stock at a path that the ERP's contract does not have.",
    },
}

KNOWN: tuple[Known, ...] = tuple(
    Known(fault=fault, suite=suite, sentence=sentence)
    for suite, sentences in _BY_SUITE.items()
    for fault, sentence in sentences.items()
)


def parse(text: str) -> frozenset[Fault]:
    """The faults named in a comma list; an unknown name is refused with the nearest one that exists."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    known = {fault.value for fault in Fault}
    for name in names:
        if name not in known:
            near = get_close_matches(name, sorted(known), n=1, cutoff=0.4)
            hint = f"did you mean `{near[0]}`? " if near else ""
            raise AskedWrongly(
                f"unknown fault `{name}` in SAMPLE_FAULTS",
                hint=f"{hint}`python -m harness.sample --list-faults` names them all",
            )
    return frozenset(Fault(name) for name in names)
