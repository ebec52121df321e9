#include "tests/support/webhook_recorder.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace linkspan::test
{

webhook_recorder::webhook_recorder(std::vector<int> statuses, std::string answer)
    : statuses_(std::move(statuses)),
      answer_(std::move(answer)),
      server_(
          loop_,
          server_limits(),
          http_handler{
              [](http_request const&) { return admission(std::size_t(64) << 20); },
              [this](http_request request) { return handle(std::move(request)); }}
      )
{
    server_.listen("127.0.0.1", 0).value();
    thread_ = std::thread([this] { loop_.run(); });
}

webhook_recorder::~webhook_recorder()
{
    boost::asio::post(loop_, [this] { server_.cut(); });
    thread_.join();
}

std::string webhook_recorder::address() const
{
    return "127.0.0.1:" + std::to_string(server_.port());
}

std::vector<http_request> webhook_recorder::requests() const
{
    std::lock_guard const held(mutex_);
    return requests_;
}

boost::asio::awaitable<http_response> webhook_recorder::handle(http_request request)
{
    std::lock_guard const held(mutex_);
    auto const turn = std::min(requests_.size(), statuses_.size() - 1);
    requests_.push_back(std::move(request));
    http_response answer(statuses_[turn], answer_);
    co_return answer;
}

}  // namespace linkspan::test
