#include "tests/simulators/bitbucket_cloud_hooks.hpp"

#include "links/net/hmac.hpp"
#include "links/net/sha256.hpp"
#include "tests/simulators/bitbucket_cloud_shapes.hpp"
#include "tests/support/run_loop.hpp"

#include <algorithm>

namespace linkspan::test
{
http_request cloud_delivery::request(int attempt) const
{
    http_request out("POST", url);
    out.headers = {
        {"User-Agent", "Bitbucket-Webhooks/2.0"},
        {"Content-Type", "application/json"},
        {"Accept", "application/json, text/plain, */*"},
        {"X-Event-Key", event_key},
        {"X-Event-Time", simulated_cloud::http_time_text(made_at)},
        {"X-Hook-UUID", hook_uuid},
        {"X-Request-UUID", request_uuid},
        {"X-Attempt-Number", std::to_string(attempt)}};
    if (!secret.empty())
        out.headers.push_back(
            {"X-Hub-Signature", "sha256=" + to_hex(hmac_sha256(linkspan::secret(secret), body))}
        );
    out.body = body;
    return out;
}

namespace simulated_cloud
{

cloud_delivery twin_of(cloud_delivery one)
{
    if (one.number % 2 == 0)
    {
        one.first_attempt = 2;
        return one;
    }
    std::ranges::reverse(one.hook_uuid);
    std::ranges::reverse(one.request_uuid);
    return one;
}

void hook_sender::send(cloud_delivery& delivery, limits const& within)
{
    if (delivery.fate != hook_fate::pending)
        return;
    if (delivery.body.size() > within.body_bytes_max)
    {
        delivery.fate = hook_fate::oversized;
        return;
    }
    exchange_options options;
    options.timeout = within.patience;
    options.connect_timeout = within.patience;
    options.is_alone = true;
    delivery.fate = hook_fate::failed;
    for (int resends = 0; resends <= within.resends_max; ++resends)
    {
        auto request = delivery.request(delivery.first_attempt + resends);
        auto const ended = run(loop_, client_.send(std::move(request), options));
        ++delivery.attempts;
        delivery.status = ended.fate == exchange_fate::answered ? ended.response.status : 0;
        if (delivery.status == 0 || delivery.status >= 500)
            continue;
        bool const is_accepted = delivery.status >= 200 && delivery.status < 300;
        delivery.fate = is_accepted ? hook_fate::accepted : hook_fate::refused;
        return;
    }
}

}  // namespace simulated_cloud
}  // namespace linkspan::test
