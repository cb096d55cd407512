"""What `ORDERPORT_REDIS_URL` may be."""

import pytest

from orderport import WrongSettings
from orderport_redis import RedisSettings


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "http://localhost",
        "redis://localhost:99999",
        "redis://localhost/orders",
        "redis://localhost?db=first",
        "redis://localhost?nonsense=1",
        "redis://ada:sec/ret@localhost",
    ],
)
def test_what_is_no_url_of_a_redis_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(WrongSettings) as error:
        RedisSettings.from_environment({"ORDERPORT_REDIS_URL": url})
    (problem,) = error.value.problems
    assert problem.startswith("ORDERPORT_REDIS_URL: ")
    assert url not in problem
    assert "ret" not in problem.replace("secret", "")


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://ada:secret@localhost:6380/3",
        "rediss://localhost?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock?db=2",
        "redis://localhost?socket_timeout=99&decode_responses=yes&protocol=3",
    ],
)
def test_every_kind_of_url_that_redis_py_knows_is_taken_and_its_password_not_shown(
    url: str,
) -> None:
    settings = RedisSettings.from_environment({"ORDERPORT_REDIS_URL": url})
    assert settings.url == url
    assert settings.stream == "orders"
    assert "secret" not in repr(settings)
