#include "cmd/linkspan/ingest.hpp"

#include "cmd/linkspan/respond.hpp"
#include "core/bitbucket/signature.hpp"
#include "links/net/base64.hpp"
#include "links/net/hmac.hpp"
#include "store/inbox.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>

namespace linkspan
{
namespace
{

// What the later rooms or a person may want to know of a delivery's headers.
constexpr std::array<std::string_view, 11> headers_kept = {
    "X-Event-Key",
    "X-Event-Time",
    "X-Hook-UUID",
    "X-Request-UUID",
    "X-Request-Id",
    "X-Attempt-Number",
    "Content-Type",
    "User-Agent",
    "X-B3-TraceId",
    "X-Bitbucket-Type",
    "traceparent"};

constexpr std::size_t header_value_bytes_max = 1024;
constexpr std::size_t delivery_id_bytes_max = 200;

constexpr std::string_view default_cloud_instance = "bitbucket.org";

std::string_view field_of(open_link const& link, std::string_view name)
{
    return value_of(link.fields, link.kind->fields, name);
}

result<> verify_signature(open_link const& link, http_request const& request)
{
    auto const header = find_header(request.headers, "X-Hub-Signature");
    if (header.empty())
        return error(errc::unauthorized, "the delivery is not signed: X-Hub-Signature is missing");
    auto const claimed = bitbucket::parse_signature(header);
    if (!claimed)
        return claimed.error();
    auto const& key = link.fields.find("webhook_secret")->second;
    if (!equal_in_constant_time(hmac_sha256(key, request.body), claimed->bytes))
        return error(
            errc::unauthorized, "the signature is wrong: the webhook has another secret than this link"
        );
    return {};
}

// RFC 7617, as Data Center sends it where a webhook has user name and password.
result<> verify_basic(open_link const& link, http_request const& request)
{
    static constexpr std::string_view scheme = "Basic ";
    auto const header = find_header(request.headers, "Authorization");
    if (!boost::algorithm::istarts_with(header, scheme))
        return error(errc::unauthorized, "user name and password are missing");
    auto const presented = decode_base64(header.substr(scheme.size()));
    secret const expected(
        std::string(field_of(link, "basic_user")) + ":" + std::string(field_of(link, "basic_password"))
    );
    if (!presented || !secret_equals(expected, *presented))
        return error(errc::unauthorized, "user name or password is wrong");
    return {};
}

bool has(open_link const& link, std::string_view name)
{
    return !field_of(link, name).empty();
}

bool is_ping(open_link const& link, http_request const& request)
{
    return link.kind->receives == edition::data_center &&
           find_header(request.headers, "X-Event-Key") == "diagnostics:ping" &&
           request.body.size() <= ping_bytes_max;
}

}  // namespace

result<> verify_delivery(open_link const& link, http_request const& request)
{
    bool const is_signed = has(link, "webhook_secret");
    bool const has_basic = has(link, "basic_password");
    if (!is_signed && !has_basic)
    {
        if (link.allow_unsigned)
            return {};
        return error(
            errc::unauthorized,
            "this link has no secret, so nobody can prove anything to it; set one with linkspan set-creds"
        );
    }
    if (is_signed)
        if (auto proven = verify_signature(link, request); !proven)
            return proven;
    if (has_basic)
        return verify_basic(link, request);
    return {};
}

bool is_unsigned_ping(open_link const& link, http_request const& request)
{
    return is_ping(link, request) && find_header(request.headers, "X-Hub-Signature").empty();
}

std::string instance_of(open_link const& link, std::vector<source_config> const& sources)
{
    for (auto const& source : sources)
        if ((source.webhook == link.id.value || source.webhook == link.name) && !source.instance.empty())
            return source.instance;
    if (link.kind->receives == edition::cloud)
        return std::string(default_cloud_instance);
    auto const own = field_of(link, "instance");
    // Without a name for it, the events of one server must still not be mixed with another's.
    return own.empty() ? "link:" + link.id.value : std::string(own);
}

std::string kept_headers(std::vector<http_header> const& headers)
{
    boost::json::object out;
    for (auto const name : headers_kept)
        if (auto const value = find_header(headers, name); !value.empty())
            out.emplace(name, value.substr(0, header_value_bytes_max));
    return boost::json::serialize(out);
}

ingest::ingest(parts with, config const& settings)
    : with_(std::move(with)),
      sources_(settings.sources),
      cloud_body_bytes_max_(static_cast<std::size_t>(settings.server.cloud_body_bytes_max)),
      data_center_body_bytes_max_(static_cast<std::size_t>(settings.server.data_center_body_bytes_max)),
      links_(std::make_shared<link_directory>())
{
}

void ingest::use(std::shared_ptr<link_directory const> links)
{
    links_ = std::move(links);
}

open_link const* ingest::find(std::string_view link_name) const
{
    auto const* link = links_->find(link_name);
    return link != nullptr && link->kind->receives ? link : nullptr;
}

admission ingest::admit(std::string_view link_name)
{
    auto const* link = find(link_name);
    if (link == nullptr)
    {
        with_.counts.count_received("unknown_link");
        with_.log.warning(
            "webhook refused", {{"link", link_name}, {"status", 404}, {"why", "there is no such link"}}
        );
        return respond(404, "there is no such link");
    }
    return link->kind->receives == edition::cloud ? cloud_body_bytes_max_ : data_center_body_bytes_max_;
}

http_response ingest::refuse(open_link const& link, std::string_view counted_as, error const& why)
{
    with_.counts.count_received(counted_as);
    auto out = respond(why);
    with_.log.warning(
        "webhook refused", {{"link", link.id.value}, {"status", out.status}, {"why", why.message}}
    );
    return out;
}

boost::asio::awaitable<http_response> ingest::receive(std::string link_name, http_request request)
{
    // The directory may be replaced while this request waits for the store.
    auto const links = links_;
    auto const* link = find(link_name);
    if (link == nullptr)
        co_return respond(404, "there is no such link");
    if (is_unsigned_ping(*link, request))
    {
        with_.counts.count_received("ping");
        co_return respond(200, "pong");
    }
    if (auto const proven = verify_delivery(*link, request); !proven)
    {
        bool const is_missing = find_header(request.headers, "X-Hub-Signature").empty() &&
                                find_header(request.headers, "Authorization").empty();
        co_return refuse(*link, is_missing ? "unsigned" : "bad_signature", proven.error());
    }
    if (is_ping(*link, request))
    {
        with_.counts.count_received("ping");
        co_return respond(200, "pong");
    }

    auto entry = std::make_shared<inbox_entry>();
    entry->link = link->id.value;
    entry->edition = *link->kind->receives;
    entry->instance = instance_of(*link, sources_);
    auto const id = entry->edition == edition::cloud ? find_header(request.headers, "X-Request-UUID")
                                                     : find_header(request.headers, "X-Request-Id");
    // Of a longer one the beginning could be another delivery's: it is then told from others by its events
    // alone.
    entry->delivery = id.size() <= delivery_id_bytes_max ? id : std::string_view();
    entry->event_key = find_header(request.headers, "X-Event-Key").substr(0, delivery_id_bytes_max);
    entry->headers = kept_headers(request.headers);
    entry->body = std::move(request.body);
    entry->received_at = with_.now();
    std::function<result<appended>(transaction&)> work = [entry](transaction& tx)
    { return append(tx, *entry); };
    auto const kept = co_await with_.store.write<appended>(std::move(work));
    if (!kept)
    {
        with_.on_refused(entry->instance);
        co_return refuse(*link, "unavailable", kept.error());
    }

    with_.counts.count_received(kept->is_repeated ? "repeated" : "accepted");
    if (!kept->is_repeated)
        with_.on_kept();
    if (with_.log.wants(log_level::debug))
        with_.log.debug(
            "webhook kept",
            {{"link", entry->link},
             {"event_key", entry->event_key},
             {"delivery", kept->is_repeated ? std::string("repeated") : std::to_string(kept->id.value)}}
        );
    co_return http_response(202);
}

}  // namespace linkspan
