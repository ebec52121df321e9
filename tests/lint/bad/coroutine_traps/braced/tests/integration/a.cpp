// expect: braced temporary next to co_await
asio::awaitable<void> f(std::string name)
{
    co_await send(options{name, 1});
}
