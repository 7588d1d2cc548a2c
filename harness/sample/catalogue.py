"""What can be ordered, and at what price: the catalogue of this season, fixed until the next release."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.sample.answers import Answer, as_json
from harness.sample.faults import Fault
from harness.sample.hub import Hub
from harness.sample.reading import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One line of the catalogue, with its name in both languages of the page."""

    sku: str
    name: str
    name_zh: str
    price_cents: int


CATALOGUE: tuple[Product, ...] = (
    Product(sku="TEA-100", name="Green tea, 100 g", name_zh="绿茶 100 克", price_cents=450),
    Product(sku="CUP-200", name="Porcelain cup", name_zh="瓷杯", price_cents=1290),
    Product(sku="POT-300", name="Cast iron pot", name_zh="铸铁壶", price_cents=5900),
    Product(sku="TIN-400", name="Storage tin", name_zh="储物罐", price_cents=795),
)
PRICES: Mapping[str, int] = {product.sku: product.price_cents for product in CATALOGUE}


async def list_products(hub: Hub, request: Request) -> Answer:
    """The catalogue with what the ERP last reported."""
    stock = hub.store.stock(request.caller.tenant)
    items = [
        {
            "sku": product.sku,
            "name": product.name,
            "unitPriceCents": product.price_cents,
            "currency": "EUR",
            "available": stock.get(product.sku),
        }
        for product in CATALOGUE
    ]
    kind = b"text/html; charset=utf-8" if hub.has(Fault.PRODUCTS_AS_HTML) else b"application/json"
    return as_json({"items": items}, kind=kind)
