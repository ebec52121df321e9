// expect: a detached coroutine; spawn it in a task group
#include <boost/asio/detached.hpp>
void start() { asio::co_spawn(loop, run(), asio::detached); }
