"""Reads mails and calendars as customers do, and prints what they say as JSON, by file.

Each .eml is read by circuit-maintenance-parser as its command line does it with `--data-type email --provider-type
genericprovider`, and its calendar part by vobject; each .ics by vobject alone. What a reader refuses is said, too.
"""

import email
import email.policy
import json
import logging
import sys
from pathlib import Path

import vobject
from circuit_maintenance_parser import init_provider
from circuit_maintenance_parser.data import NotificationData

FIELDS = ("uid", "sequence", "status", "summary", "description", "transp")


def maintenances(raw):
    data = NotificationData.init_from_email_bytes(raw)
    found = init_provider("genericprovider").get_maintenances(data)
    return [json.loads(maintenance.to_json()) for maintenance in found]


def calendar_of(raw):
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    if len(parts) != 1:
        raise ValueError(f"{len(parts)} calendar parts")
    alternatives = [part for part in mail.walk() if part.get_content_type() == "multipart/alternative"]
    if not alternatives or alternatives[0].get_payload()[-1] is not parts[0]:
        raise ValueError("the calendar is not the last alternative")
    method = parts[0].get_param("method")
    return parts[0].get_payload(decode=True).decode("utf-8"), method


def calendar(text):
    read = vobject.readOne(text)
    read.validate(raiseException=True)
    return {
        "method": value(read, "method"),
        "name": value(read, "x_wr_calname"),
        "events": [event(one) for one in read.contents.get("vevent", [])],
    }


def event(one):
    said = {name: value(one, name) for name in FIELDS}
    for name in ("dtstart", "dtend", "dtstamp"):
        at = value(one, name)
        # Times in UTC have a zone; one without would mean another instant to each reader.
        if at is not None and at.utcoffset() is None:
            raise ValueError(f"{name} has no zone")
        said[name] = None if at is None else int(at.timestamp())
    said["attendees"] = [attendee.value for attendee in one.contents.get("attendee", [])]
    return said


def value(component, name):
    found = component.contents.get(name.replace("_", "-"), [])
    if len(found) > 1:
        raise ValueError(f"{name} stands there {len(found)} times")
    return found[0].value if found else None


def attempt(read, *what):
    try:
        return read(*what)
    except Exception as refusal:  # whatever it is, it is the answer
        return {"refused": f"{type(refusal).__name__}: {refusal}"}


def both(raw):
    def by_vobject():
        text, method = calendar_of(raw)
        return {**calendar(text), "part_method": method}

    return {"maintenances": attempt(maintenances, raw), "calendar": attempt(by_vobject)}


def main(folder):
    logging.disable(logging.CRITICAL)
    said = {}
    for file in sorted(Path(folder).iterdir()):
        raw = file.read_bytes()
        if file.suffix == ".eml":
            said[file.stem] = both(raw)
        else:
            said[file.stem] = {"calendar": attempt(calendar, raw.decode("utf-8"))}
    json.dump(said, sys.stdout)


main(sys.argv[1])
