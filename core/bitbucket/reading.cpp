#include "core/bitbucket/reading.hpp"

#include "core/base/utf8.hpp"
#include "core/bitbucket/cloud.hpp"
#include "core/bitbucket/data_center.hpp"
#include "core/bitbucket/json_document.hpp"
#include "core/bitbucket/misdelivery.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

// Bitbucket's own keys look like "pullrequest:created"; anything else is not repeated into logs and tables
// whole.
constexpr std::size_t event_key_bytes_max = 100;

bool is_plain(std::string_view key)
{
    auto const is_usual = [](char c) { return (c >= 'a' && c <= 'z') || c == ':' || c == '_'; };
    return key.size() <= event_key_bytes_max && std::ranges::all_of(key, is_usual);
}

std::string why_no_json(std::string_view body, std::string const& fault)
{
    bool const is_blank = body.find_first_not_of(" \t\r\n") == body.npos;
    return is_blank ? std::string("the body is empty") : "the body is not JSON: " + fault;
}

std::string key_in_header(inbound const& delivery)
{
    return is_plain(delivery.event_key) ? delivery.event_key
                                        : single_line(delivery.event_key, event_key_bytes_max);
}

std::string key_in_body(json_document const& body)
{
    std::string fault;
    if (!body.fault().empty() || !body.root().is_object())
        return {};
    return json_reader(body.root(), fault)
        .text("eventKey")
        .value_or(std::string())
        .substr(0, event_key_bytes_max);
}

// What is wrong; errc::none where nothing is.
error read_into(inbound const& delivery, json_document const& body, reading& out)
{
    if (!body.fault().empty())
        return error(errc::invalid, why_no_json(delivery.body, body.fault()));
    if (!body.root().is_object())
        return error(errc::invalid, "the body as a whole: expected an object");
    auto const key = delivery.event_key.empty() ? key_in_body(body) : key_in_header(delivery);
    std::string fault;
    json_reader const in(body.root(), fault);
    if (is_asked_key(key) != (delivery.origin != event_origin::webhook))
        return error(errc::not_found, why_unknown(delivery.edition, key, in));
    bool const is_known = delivery.edition == edition::cloud ? cloud::read(key, in, delivery.event_time, out)
                                                             : data_center::read(key, in, out);
    if (!is_known)
        return error(errc::not_found, why_unknown(delivery.edition, key, in));
    if (!fault.empty())
        return error(errc::invalid, fault);
    return {};
}

}  // namespace

std::int64_t id_of_state(shown_comment const& shown)
{
    return shown.has_own_id ? -shown.comment.id : shown.comment.id;
}

std::string event_key_of(inbound const& delivery)
{
    return delivery.event_key.empty() ? key_in_body(json_document(delivery.body)) : key_in_header(delivery);
}

result<reading> read_delivery(inbound const& delivery)
{
    json_document const body(delivery.body);
    // Read where it is returned: a reading is large, and moving it costs as much as comparing it.
    result<reading> out(boost::system::in_place_value);
    auto fault = read_into(delivery, body, *out);
    if (fault.code != errc::none)
        out = std::move(fault);
    return out;
}

}  // namespace linkspan
