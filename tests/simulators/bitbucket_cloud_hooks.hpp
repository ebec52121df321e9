#pragma once
#include "core/base/time.hpp"
#include "links/net/client.hpp"
#include "tests/simulators/hook_disorder.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace linkspan::test
{

// One webhook, and how it went.
struct cloud_delivery
{
    std::int64_t number = 0;  // in the order in which they were made
    std::string url;
    std::string secret;
    std::string hook_uuid;  // without braces, as the next one
    std::string request_uuid;
    std::string event_key;
    std::string body;
    time_point made_at;
    int first_attempt = 1;  // 2: the answer to the first one did not come through
    hook_fate fate = hook_fate::pending;
    int attempts = 0;
    int status = 0;  // of the last answer

    // The request as it is sent; attempt: from 1.
    http_request request(int attempt) const;
};

namespace simulated_cloud
{

// The same delivery again: every second one as from a second hook, the others as if resent.
cloud_delivery twin_of(cloud_delivery one);

// Sends over real HTTP, each as often as it takes, at once. For one thread at a time.
class hook_sender
{
public:
    struct limits
    {
        int resends_max = 2;
        milliseconds patience{10'000};  // real time: somebody else answers
        std::size_t body_bytes_max = 256U * 1024;
    };

    void send(cloud_delivery& delivery, limits const& within);

private:
    boost::asio::io_context loop_{1};
    http_client client_{loop_};
};

}  // namespace simulated_cloud
}  // namespace linkspan::test
