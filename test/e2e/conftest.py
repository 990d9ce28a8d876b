# SPDX-License-Identifier: Apache-2.0
"""Fixtures: provider(script) and gateway(config) start processes that end with the test."""

import os
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

pytest.register_assert_rewrite("rig")

import openai                                                           # noqa: E402

import identity                                                         # noqa: E402
import rig                                                              # noqa: E402


@pytest.fixture
def folder(tmp_path):
    """The test's own folder; gone afterwards unless the test failed."""
    return str(tmp_path)


def stop_all(started):
    """Stops every process, whatever one of them says, and then says it."""
    complaints = []
    for p in reversed(started):
        try:
            p.stop()
        except Exception as e:                                          # noqa: BLE001
            complaints.append(e)
        finally:
            p.kill()
    if complaints:
        raise complaints[0]


@pytest.fixture
def provider(folder):
    """provider(script) starts a simulated provider."""
    started = []

    def start(script=None, **options):
        started.append(rig.Provider(folder, script, **options))
        return started[-1]
    yield start
    stop_all(started)


@pytest.fixture
def gateway(folder, provider):
    """gateway(config) starts the gateway; it stops before its providers do."""
    started = []

    def start(config, **options):
        started.append(rig.Gateway(folder, config, **options))
        return started[-1]
    yield start
    stop_all(started)


@pytest.fixture
def one(provider, gateway):
    """A gateway with one model `m`, of id `upstream-m`, at one provider."""
    p = provider()
    g = gateway(rig.config({"m": rig.model(p, id="upstream-m", price=rig.PRICE)}))
    g.provider = p
    return g


@pytest.fixture
def sdk():
    """sdk(gateway) is an OpenAI client, unmodified but for base URL and key; it does not retry."""
    clients = []

    def make(g, api_key="tv-none", max_retries=0, **options):
        clients.append(openai.OpenAI(base_url=g.base_url, api_key=api_key, max_retries=max_retries,
                                     timeout=20 * rig.SLOW, **options))
        return clients[-1]
    yield make
    for c in clients:
        c.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A private authority, and what it signs."""
    return identity.Authority(str(tmp_path_factory.mktemp("identity")))


@pytest.fixture(scope="session")
def node():
    """The folder of the Node program and its installed SDK; its absence is a failure."""
    folder = os.path.join(rig.HERE, "node")
    assert shutil.which("node"), "node is not installed (tool/deps check)"
    assert os.path.isdir(os.path.join(folder, "node_modules/openai")), "make node installs the SDK"
    return folder
