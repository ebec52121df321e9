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

std::string key_in_body(json::value const& body)
{
    std::string fault;
    if (!body.is_object())
        return {};
    return json_reader(body, fault).text("eventKey").value_or(std::string()).substr(0, event_key_bytes_max);
}

// What is wrong; errc::none where nothing is.
error read_into(inbound const& delivery, json::value const& body, reading& out)
{
    if (!body.is_object())
        return error(errc::invalid, "the body as a whole: expected an object");
    auto const key = delivery.event_key.empty() ? key_in_body(body) : key_in_header(delivery);
    std::string fault;
    json_reader const in(body, fault);
    bool const is_known = delivery.edition == edition::cloud ? cloud::read(key, in, delivery.event_time, out)
                                                             : data_center::read(key, in, out);
    if (!is_known)
        return error(errc::not_found, why_unknown(delivery.edition, key, in));
    if (!fault.empty())
        return error(errc::invalid, fault);
    return {};
}

}  // namespace

std::string event_key_of(inbound const& delivery)
{
    return delivery.event_key.empty() ? key_in_body(document(delivery.body).value) : key_in_header(delivery);
}

result<reading> read_delivery(inbound const& delivery)
{
    document const parsed(delivery.body);
    // Read where it is returned: a reading is large, and moving it costs as much as comparing it.
    result<reading> out(boost::system::in_place_value);
    auto fault = parsed.fault.empty() ? read_into(delivery, parsed.value, *out)
                                      : error(errc::invalid, why_no_json(delivery.body, parsed.fault));
    if (fault.code != errc::none)
        out = std::move(fault);
    return out;
}

}  // namespace linkspan
