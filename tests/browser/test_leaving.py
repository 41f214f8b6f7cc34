"""A test that ends leaves nothing behind that the next one could meet."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests import world
from tests.browser.conftest import nothing_runs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_request_that_is_on_its_way_is_waited_for(live_server):
    parts = urlsplit(live_server.url)

    with socket.create_connection((parts.hostname, parts.port)) as page:
        page.sendall(b"GET /healthz HTTP/1.1\r\n")  # the rest is still to come
        world.wait_for(lambda: not nothing_runs(), 20)

    world.wait_for(nothing_runs, 20)
