// expect: switch on co_await
asio::awaitable<void> f()
{
    switch (co_await next())
    {
        default:
            co_return;
    }
}
