// expect: switch on co_await
// None of these but the last is a trap: co_await in a comment ? no : yes.
asio::awaitable<void> f(std::string name)
{
    auto const text = "co_await ? a : b";
    options chosen{name, 1};
    auto const number = co_await next();
    auto body = [name] { return run(name); };
    co_await asio::co_spawn(executor, std::move(body), asio::use_awaitable);
    for (auto const& item : co_await list())
        co_await send(std::move(chosen), item);
    switch (co_await next())
    {
    }
}
