"""Calls Twilio through the gateway with Twilio's own client and prints, as JSON, what came of it."""

import json
import os
import sys

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

client = Client(os.environ["ACCOUNT_SID"], os.environ["DIRECTUS_TOKEN"])
client.api.base_url = os.environ["GATEWAY"] + "/twilio"


def create():
    return client.messages.create(to="+15005550006", body="Hello").sid


def read_all():
    made = [client.messages.create(to="+15005550006", body=f"Order {order}").sid for order in range(5)]
    return {"made": made, "read": [message.sid for message in client.messages.list(page_size=2)]}


def change():
    call = client.calls.create(to="+15005550006", from_="+15550001111", twiml="<Response/>")
    ended = client.calls(call.sid).update(status="completed").status
    message = create()
    return {"ended": ended, "deleted": client.messages(message).delete()}


calls = {"create": create, "read_all": read_all, "change": change}

try:
    result = calls[sys.argv[1]](*sys.argv[2:])
except TwilioRestException as error:
    result = {"error": type(error).__name__, "status": error.status, "code": error.code, "message": error.msg}
print(json.dumps(result))
