"""A small real integration to try the harness on: an order hub between a CRM and an ERP.

It keeps its contract exactly, unless a fault of the switchboard (`faults`) is turned on:
then it is wrong in one known way, so that everybody can see who notices.
"""
