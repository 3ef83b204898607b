"""A mail server for tests that chainc did not write: aiosmtpd on the loopback.

Writes what it took as JSON lines to the file it is given, says its port on standard
output, and ends with its standard input. How it answers is told by the local part of
the address:

    gone...      550 5.1.1, nobody of that name
    full...      552 5.2.2, a mailbox that is full
    busyN...     451 for the first N attempts, then it takes the mail
    hangup...    drops the connection at DATA, before the mail, once
    lost...      takes the mail and drops the connection instead of answering
"""

import asyncio
import email
import email.policy
import json
import sys

from aiosmtpd.smtp import SMTP


class Server(SMTP):
    async def smtp_DATA(self, arg):
        names = [address.split("@")[0] for address in self.envelope.rcpt_tos]
        for name in names:
            if name.startswith("hangup") and name not in self.event_handler.hung_up:
                self.event_handler.hung_up.add(name)
                self.event_handler.note("hangup", self.envelope)
                self.transport.abort()
                return
        await super().smtp_DATA(arg)


class Handler:
    def __init__(self, path):
        self.path = path
        self.attempts = {}
        self.hung_up = set()

    def note(self, what, envelope, **more):
        line = {"what": what, "from": envelope.mail_from, "to": envelope.rcpt_tos, **more}
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        envelope.rcpt_tos.append(address)
        if name.startswith("gone"):
            self.note("refused", envelope)
            return "550 5.1.1 no such mailbox"
        if name.startswith("full"):
            self.note("refused", envelope)
            return "552 5.2.2 mailbox is full"
        if name.startswith("busy"):
            self.attempts[name] = self.attempts.get(name, 0) + 1
            if self.attempts[name] <= int(name[4]):
                self.note("busy", envelope)
                return "451 4.3.0 try again later"
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.note(
            "taken",
            envelope,
            headers=[[name, str(value)] for name, value in mail.items()],
            type=mail.get_content_type(),
            body=mail.get_content(),
        )
        if any(address.startswith("lost") for address in envelope.rcpt_tos):
            server.transport.abort()
            await asyncio.sleep(60)
        return "250 taken"


async def main():
    handler = Handler(sys.argv[1])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(handler, hostname="mail.example.com", loop=loop), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started this holds the other end, however it ends.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
