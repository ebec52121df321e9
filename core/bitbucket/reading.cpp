#include "core/bitbucket/reading.hpp"

#include "core/base/utf8.hpp"
#include "core/bitbucket/cloud.hpp"
#include "core/bitbucket/data_center.hpp"
#include "core/bitbucket/misdelivery.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// A document and the memory in which it stands: one block grows, nothing is freed one by one.
struct document
{
    json::monotonic_resource memory;
    json::value value;

    explicit document(std::string_view text, boost::system::error_code& failure)
        : memory(text.size() + 1024), value(json::parse(text, failure, &memory))
    {
    }
};

// Bitbucket's own keys look like "pullrequest:created"; anything else is not repeated into logs and tables
// whole.
constexpr std::size_t event_key_bytes_max = 100;

}  // namespace

std::string event_key_of(inbound const& delivery)
{
    if (!delivery.event_key.empty())
        return single_line(delivery.event_key, event_key_bytes_max);
    boost::system::error_code failure;
    document const parsed(delivery.body, failure);
    std::string fault;
    if (failure || !parsed.value.is_object())
        return {};
    return json_reader(parsed.value, fault)
        .text("eventKey")
        .value_or(std::string())
        .substr(0, event_key_bytes_max);
}

result<reading> read_delivery(inbound const& delivery)
{
    auto const key = event_key_of(delivery);
    boost::system::error_code failure;
    document const parsed(delivery.body, failure);
    if (failure)
        return error(errc::invalid, "/: the body is not JSON: " + failure.message());
    if (!parsed.value.is_object())
        return error(errc::invalid, "/: expected an object");
    std::string fault;
    json_reader const body(parsed.value, fault);
    auto out = delivery.edition == edition::cloud ? cloud::read(key, body) : data_center::read(key, body);
    if (!out)
        return error(errc::not_found, why_unknown(delivery.edition, key, body));
    if (!fault.empty())
        return error(errc::invalid, fault);
    return std::move(*out);
}

}  // namespace linkspan
