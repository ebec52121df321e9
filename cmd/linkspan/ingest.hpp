#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/link_directory.hpp"
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/metrics.hpp"
#include "links/net/server.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace linkspan
{

// What a webhook has to prove, and whether it does. errc::unauthorized says which proof is missing or wrong,
// never more. Constant time in what is compared.
result<> verify_delivery(open_link const& link, http_request const& request);

// The one request that needs no signature: Data Center's connection test, with a body of ping_bytes_max at
// most.
inline constexpr std::size_t ping_bytes_max = 64;
bool is_unsigned_ping(open_link const& link, http_request const& request);

// Which Bitbucket a link's deliveries come from: its source's instance, else the link's own field.
std::string instance_of(open_link const& link, std::vector<source_config> const& sources);

// The headers of a delivery that are kept: an allow-list, as a JSON object. Credentials are on no list.
std::string kept_headers(std::vector<http_header> const& headers);

// The way in: proves who sends, keeps the bytes, and only then answers 2xx.
class ingest
{
public:
    struct parts
    {
        linkspan::store& store;
        linkspan::metrics& counts;
        linkspan::log& log;
        std::function<time_point()> now;
        std::function<void()> on_kept;                                // the inbox has a new row
        std::function<void(std::string const& instance)> on_refused;  // for the store takes no writes
    };

    ingest(parts with, config const& settings);

    void use(std::shared_ptr<link_directory const> links);

    // Before the body is read: 404 for a link that is not there or takes no webhooks, else the limit of its
    // body.
    admission admit(std::string_view link_name);

    boost::asio::awaitable<http_response> receive(std::string link_name, http_request request);

private:
    open_link const* find(std::string_view link_name) const;
    http_response refuse(open_link const& link, std::string_view counted_as, error const& why);

    parts with_;
    std::vector<source_config> sources_;
    std::size_t cloud_body_bytes_max_;
    std::size_t data_center_body_bytes_max_;
    std::shared_ptr<link_directory const> links_;
};

}  // namespace linkspan
