#pragma once
#include "cmd/linkspan/app.hpp"
#include "cmd/linkspan/log.hpp"
#include "links/net/http.hpp"
#include "tests/support/test_profile.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace linkspan::test
{

// The real app in a thread of its own, on ports that the kernel chose; its console destination writes into a
// string.
class running_app
{
public:
    running_app(
        test_profile& profile,
        config settings,
        std::optional<time_point> virtual_start = std::nullopt,
        milliseconds stop_token_time = app_settings().stop_token_time
    );
    ~running_app();  // stops it
    running_app(running_app const&) = delete;
    running_app& operator=(running_app const&) = delete;

    app& operator*() { return *app_; }
    app* operator->() { return app_.get(); }

    std::string public_url() const;
    std::string admin_url() const;

    std::string printed() const;

    // Stops the app and returns how it ended.
    result<> stop();

private:
    mutable std::mutex mutex_;
    std::string printed_;
    linkspan::log log_;
    std::unique_ptr<app> app_;
    std::optional<result<>> ended_;
    std::thread thread_;
};

// One exchange over real HTTP, and its answer; status 0 where there is none.
http_response exchange_with(http_request request);
http_response get(std::string const& url);

// What tests sign their deliveries with.
inline constexpr char webhook_key[] = "a secret of the webhook";

// A delivery as Bitbucket would send it: signed with the secret unless that is empty, with a fresh delivery
// id.
http_request delivery_to(
    std::string const& base_url,
    std::string const& link,
    edition kind,
    std::string const& event_key,
    std::string body,
    std::string const& key
);

// Looks until the condition holds; false when it does not within the patience (of real time). Between two
// looks it lets the others work, for a moment: a condition about other threads has nothing else to wait for.
bool eventually(std::function<bool()> const& condition, seconds patience = seconds(30));

std::string hex(std::span<std::uint8_t const> bytes);

}  // namespace linkspan::test
