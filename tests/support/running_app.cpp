#include "tests/support/running_app.hpp"

#include "links/net/client.hpp"
#include "links/net/hmac.hpp"

#include <boost/asio/co_spawn.hpp>

#include <atomic>

namespace linkspan::test
{
namespace
{

namespace asio = boost::asio;

asio::awaitable<void> send_one(http_client& client, http_request request, http_response& answer)
{
    exchange_options options;
    options.timeout = seconds(30);
    auto done = co_await client.send(std::move(request), options);
    if (done.fate == exchange_fate::answered)
        answer = std::move(done.response);
    else
        answer.body = done.reason;
}

}  // namespace

running_app::running_app(
    test_profile& profile,
    config settings,
    std::optional<time_point> virtual_start,
    milliseconds stop_token_time
)
    : log_(settings.server.log_level, settings.server.log_format)
{
    app_settings with;
    with.configuration = std::move(settings);
    with.paths = profile.paths();
    with.virtual_start = virtual_start;
    if (virtual_start)
        with.durable = durability::off;  // nobody cuts the power of a time that stands still
    with.stop_token_time = stop_token_time;
    with.print = [this](std::string_view text)
    {
        std::scoped_lock const lock(mutex_);
        printed_ += text;
        return outcome(outcome_kind::accepted, "printed");
    };
    app_ = std::move(app::open(std::move(with), log_)).value();
    thread_ = std::thread([this] { ended_ = app_->run(); });
}

running_app::~running_app()
{
    if (thread_.joinable())
        (void)stop();
}

result<> running_app::stop()
{
    app_->stop();
    thread_.join();
    return *ended_;
}

std::string running_app::public_url() const
{
    return "http://" + to_text(app_->public_address());
}

std::string running_app::admin_url() const
{
    return "http://" + to_text(app_->admin_address());
}

std::string running_app::printed() const
{
    std::scoped_lock const lock(mutex_);
    return printed_;
}

http_response exchange_with(http_request request)
{
    asio::io_context loop(1);
    http_client client(loop);
    http_response answer;
    std::exception_ptr failure;
    asio::co_spawn(
        loop,
        send_one(client, std::move(request), answer),
        [&failure](std::exception_ptr caught) { failure = caught; }
    );
    loop.run();
    if (failure)
        std::rethrow_exception(failure);
    return answer;
}

http_response get(std::string const& url)
{
    return exchange_with(http_request("GET", url));
}

http_request delivery_to(
    std::string const& base_url,
    std::string const& link,
    edition kind,
    std::string const& event_key,
    std::string body,
    std::string const& key
)
{
    static std::atomic<int> next_id{1};
    http_request request("POST", base_url + "/webhook/" + link);
    auto const id = "delivery-" + std::to_string(next_id++);
    request.headers.push_back({"X-Event-Key", event_key});
    request.headers.push_back({kind == edition::cloud ? "X-Request-UUID" : "X-Request-Id", id});
    request.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
    if (!key.empty())
        request.headers.push_back({"X-Hub-Signature", "sha256=" + hex(hmac_sha256(secret(key), body))});
    request.body = std::move(body);
    return request;
}

bool eventually(std::function<bool()> const& condition, seconds patience)
{
    // Whoever looks without a break takes the time of those it waits for.
    constexpr std::chrono::microseconds between_looks{100};
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable nobody;
    auto const end = std::chrono::steady_clock::now() + patience;
    for (;;)
    {
        if (condition())
            return true;
        if (std::chrono::steady_clock::now() > end)
            return false;
        nobody.wait_for(lock, between_looks);
    }
}

std::string hex(std::span<std::uint8_t const> bytes)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (auto const byte : bytes)
    {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

}  // namespace linkspan::test
