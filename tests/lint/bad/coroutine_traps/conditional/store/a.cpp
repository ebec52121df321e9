// expect: ?: next to co_await
asio::awaitable<std::string> f(bool which)
{
    auto const text = which ? co_await first() : std::string("none");
    co_return text;
}
