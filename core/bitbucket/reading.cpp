#include "core/bitbucket/reading.hpp"

#include "core/base/utf8.hpp"
#include "core/bitbucket/cloud.hpp"
#include "core/bitbucket/data_center.hpp"
#include "core/bitbucket/misdelivery.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>

#include <algorithm>
#include <array>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// What json::parse() takes from the stack.
constexpr std::size_t parser_bytes = 4096;

// Room for the values of a usual delivery (four times its 10 kB); a larger one takes more from the heap.
// Large blocks that come and go on the heap would slow down all small ones.
constexpr std::size_t usual_document_bytes = 48 * 1024;

// A document and the memory in which it stands, for the stack: nothing is freed one by one.
struct document
{
    std::array<unsigned char, usual_document_bytes> room;
    json::monotonic_resource memory;
    json::value value;
    std::string fault;  // what is wrong, and at which byte

    explicit document(std::string_view text) : memory(room.data(), room.size()), value(&memory)
    {
        unsigned char buffer[parser_bytes];
        json::parser parser(json::storage_ptr(), json::parse_options(), buffer);
        parser.reset(&memory);
        boost::system::error_code failure;
        auto const read = parser.write_some(text.data(), text.size(), failure);
        if (!failure && read < text.size())
            failure = json::error::extra_data;
        if (failure)
            fault = failure.message() + " at byte " + std::to_string(read);
        else
            value = parser.release();
    }
};

// Bitbucket's own keys look like "pullrequest:created"; anything else is not repeated into logs and tables
// whole.
constexpr std::size_t event_key_bytes_max = 100;

std::string key_in_header(inbound const& delivery)
{
    auto const is_plain = [](char c) { return (c >= 'a' && c <= 'z') || c == ':' || c == '_'; };
    if (delivery.event_key.size() <= event_key_bytes_max && std::ranges::all_of(delivery.event_key, is_plain))
        return delivery.event_key;
    return single_line(delivery.event_key, event_key_bytes_max);
}

std::string key_in_body(document const& parsed)
{
    std::string fault;
    if (!parsed.value.is_object())
        return {};
    return json_reader(parsed.value, fault)
        .text("eventKey")
        .value_or(std::string())
        .substr(0, event_key_bytes_max);
}

}  // namespace

std::string event_key_of(inbound const& delivery)
{
    return delivery.event_key.empty() ? key_in_body(document(delivery.body)) : key_in_header(delivery);
}

result<reading> read_delivery(inbound const& delivery)
{
    document const parsed(delivery.body);
    if (!parsed.fault.empty())
        return error(errc::invalid, "/: the body is not JSON: " + parsed.fault);
    if (!parsed.value.is_object())
        return error(errc::invalid, "/: expected an object");
    auto const key = delivery.event_key.empty() ? key_in_body(parsed) : key_in_header(delivery);
    std::string fault;
    json_reader const body(parsed.value, fault);
    auto out = delivery.edition == edition::cloud ? cloud::read(key, body, delivery.event_time)
                                                  : data_center::read(key, body);
    if (!out)
        return error(errc::not_found, why_unknown(delivery.edition, key, body));
    if (!fault.empty())
        return error(errc::invalid, fault);
    return std::move(*out);
}

}  // namespace linkspan
