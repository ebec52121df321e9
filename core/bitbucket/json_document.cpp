#include "core/bitbucket/json_document.hpp"

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>
#include <limits>
#include <new>

namespace linkspan
{
namespace
{

namespace json = boost::json;

using parser = simdjson::dom::parser;

// What a thread keeps for its next document: about 15 times this. A larger document takes and frees its own.
constexpr std::size_t kept_bytes_max = 128 * 1024;

thread_local std::unique_ptr<parser> spare;

std::unique_ptr<parser> take_parser()
{
    if (spare)
        return std::move(spare);
    auto out = std::make_unique<parser>();
    if (out->allocate(kept_bytes_max, json_depth_max) != simdjson::SUCCESS)
        throw std::bad_alloc();
    return out;
}

bool parse_into(parser& with, std::string_view text, simdjson::dom::element& out)
{
    auto const* bytes = text.empty() ? "" : text.data();
    auto const fault = with.parse(bytes, text.size()).get(out);
    if (fault == simdjson::MEMALLOC)
        throw std::bad_alloc();
    return fault == simdjson::SUCCESS;
}

void make_finite(json::value& in)
{
    if (auto* number = in.if_double(); number != nullptr && !std::isfinite(*number))
        *number = std::copysign(std::numeric_limits<double>::max(), *number);
    else if (auto* object = in.if_object())
        for (auto& member : *object)
            make_finite(member.value());
    else if (auto* array = in.if_array())
        for (auto& element : *array)
            make_finite(element);
}

// simdjson tells no place, and refuses a whole text for one number that is too large for it; Boost.JSON does
// neither. What Boost.JSON takes is written anew; otherwise `fault` says what is wrong.
std::string written_anew(std::string_view text, std::string& fault)
{
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::parser slower({}, options);
    boost::system::error_code failure;
    auto const read = slower.write_some(text.data(), text.size(), failure);
    if (!failure && read < text.size())
        failure = json::error::extra_data;
    if (!failure)
    {
        auto value = slower.release();
        make_finite(value);
        return json::serialize(value);
    }
    fault = failure.message() + " at byte " + std::to_string(read);
    return {};
}

}  // namespace

json_document::json_document(std::string_view text) : parser_(take_parser())
{
    if (parse_into(*parser_, text, root_))
        return;
    auto const again = written_anew(text, fault_);
    if (fault_.empty() && !parse_into(*parser_, again, root_))
        fault_ = "it cannot be read";
}

json_document::~json_document()
{
    if (parser_->capacity() <= kept_bytes_max)
        spare = std::move(parser_);
}

}  // namespace linkspan
