"""Calls Stripe through the gateway with Stripe's own client and prints, as JSON, what came of it."""

import json
import os
import sys

import stripe

stripe.api_base = os.environ["GATEWAY"] + "/stripe"
stripe.api_key = os.environ["DIRECTUS_TOKEN"]


def create(key):
    return stripe.Customer.create(email="ada@example.com", idempotency_key=key).id


def read_all():
    made = [stripe.PaymentIntent.create(amount=500 + order, currency="eur").id for order in range(7)]
    pages = stripe.PaymentIntent.list(limit=3)
    return {"made": made, "read": [payment.id for payment in pages.auto_paging_iter()]}


def change():
    customer = stripe.Customer.create(email="ada@example.com", metadata={"color": "red"})
    stripe.Customer.modify(customer.id, name="Ada Lovelace")
    read = stripe.Customer.retrieve(customer.id)
    deleted = stripe.Customer.delete(customer.id).deleted
    return {"id": customer.id, "name": read.name, "color": read.metadata["color"], "deleted": deleted}


calls = {"create": create, "read_all": read_all, "change": change}

try:
    result = calls[sys.argv[1]](*sys.argv[2:])
except stripe.error.StripeError as error:
    result = {
        "error": type(error).__name__,
        "status": error.http_status,
        "code": error.error.code,
        "message": error.user_message,
    }
print(json.dumps(result))
