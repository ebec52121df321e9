void start() { asio::co_spawn(loop, run(), asio::detached); }
