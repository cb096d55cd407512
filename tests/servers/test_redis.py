import pytest
from redis import Redis, TimeoutError

from tests.servers import start_redis


def test_a_redis_falls_silent_revives_and_comes_back_with_what_it_acknowledged() -> None:
    with start_redis() as server, Redis.from_url(server.url, socket_timeout=0.5) as client:
        first = client.xadd("notes", {"number": 1})
        server.pause()
        with pytest.raises(TimeoutError):
            client.ping()
        server.resume()
        second = client.xadd("notes", {"number": 2})
        server.kill()
        server.start()
        assert [entry for entry, _ in client.xrange("notes")] == [first, second]
        server.stop()
        server.start()
        assert client.xlen("notes") == 2
