// expect: capturing lambda next to co_await
asio::awaitable<void> f(std::shared_ptr<job> work)
{
    co_await asio::co_spawn(executor, [work = std::move(work)] { return run(work); }, asio::use_awaitable);
}
