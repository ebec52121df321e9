#include "cmd/linkspan/delivery_file.hpp"

#include "cmd/linkspan/read_file.hpp"
#include "core/base/http_time.hpp"
#include "core/bitbucket/event_keys.hpp"
#include "core/bitbucket/json_document.hpp"
#include "core/bitbucket/json_reader.hpp"
#include "core/bitbucket/reading.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <sstream>
#include <utility>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t envelope_depth_max = 40;  // a body may be 32 deep

std::string text_in(json::object const& object, std::string_view name)
{
    auto const* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

header_map headers_of(json::object const& object)
{
    header_map out;
    for (auto const& [name, value] : object)
        if (value.is_string())
            out.emplace(boost::algorithm::to_lower_copy(std::string(name)), value.get_string());
    return out;
}

// As bodies are read, of which members of one name the first counts; empty where this is no JSON object.
header_map headers_in_object(std::string_view text)
{
    header_map out;
    json_document const whole(
        "{\"headers\":" + std::string(text) + "}"
    );  // a reader names members of a member
    if (!whole.fault().empty())
        return out;
    std::string fault;
    json_reader const in(whole.root(), fault);
    for (auto const& name : in.names("headers"))
        if (auto const value = in.text("headers/" + name))
            out.emplace(boost::algorithm::to_lower_copy(name), *value);
    return out;
}

bool is_header_name(std::string_view text)
{
    return !text.empty() && text.find_first_of(" \t\"{}") == text.npos;
}

header_map headers_in_lines(std::string_view text)
{
    header_map out;
    while (!text.empty())
    {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with("< ") || line.starts_with("> "))
            line.remove_prefix(2);
        auto const colon = line.find(':');
        if (colon == line.npos || !is_header_name(line.substr(0, colon)))
            continue;
        auto const name = boost::algorithm::to_lower_copy(std::string(line.substr(0, colon)));
        out.emplace(name, boost::algorithm::trim_copy(std::string(line.substr(colon + 1))));
    }
    return out;
}

bool knows(edition on, std::string_view event_key)
{
    auto const keys = event_keys(on);
    return std::ranges::find(keys, event_key) != keys.end();
}

}  // namespace

result<std::string> file_reader::read(std::string const& name, std::size_t bytes_max)
{
    if (name == "-" && std::exchange(has_read_input_, true))
        return error(errc::invalid, "can be read once");
    return name == "-" ? read_all(standard_input_, bytes_max) : read_file(name, bytes_max);
}

result<header_map> headers_in(std::string_view text)
{
    auto out = headers_in_object(text);
    if (out.empty())
        out = headers_in_lines(text);
    if (out.empty())
        return error(errc::invalid, "no headers: neither a JSON object of texts nor lines \"Name: value\"");
    return out;
}

delivery_file delivery_in(std::string text)
{
    delivery_file out;
    boost::system::error_code failure;
    json::parse_options deeper;
    deeper.max_depth = envelope_depth_max;
    auto parsed =
        text.find("\"event_key\"") == text.npos ? json::value() : json::parse(text, failure, {}, deeper);
    auto* object = failure ? nullptr : parsed.if_object();
    auto* body = object == nullptr ? nullptr : object->if_contains("body");
    if (body == nullptr || !object->contains("event_key"))
    {
        out.body = std::move(text);
        return out;
    }
    out.event_key = text_in(*object, "event_key");
    out.edition = edition_named(text_in(*object, "edition"));
    out.instance = text_in(*object, "instance");
    out.received_at = parse_time(text_in(*object, "received_at"));
    if (auto const* headers = object->if_contains("headers"); headers != nullptr && headers->is_object())
        add_headers(out, headers_of(headers->get_object()));
    out.body = body->is_string() ? std::string(body->get_string()) : json::serialize(*body);
    return out;
}

void add_headers(delivery_file& to, header_map const& headers)
{
    auto const value = [&headers](char const* name)
    {
        auto const found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    };
    if (to.event_key.empty())
        to.event_key = value("x-event-key");
    if (!to.event_time)
        to.event_time = parse_http_time(value("x-event-time"));
    if (!to.event_time)
        to.event_time = parse_time(value("x-event-time"));
    if (!to.received_at)
        to.received_at = to.event_time ? to.event_time : parse_http_time(value("date"));
    if (to.edition)
        return;
    if (!value("x-hook-uuid").empty() || !value("x-request-uuid").empty())
        to.edition = edition::cloud;
    else if (!value("x-request-id").empty())
        to.edition = edition::data_center;
    to.is_edition_guessed = to.edition.has_value();
}

std::optional<edition> edition_shown_by(std::string_view event_key, std::string_view body)
{
    if (event_key.starts_with("pullrequest:"))
        return edition::cloud;
    if (event_key.starts_with("pr:"))
        return edition::data_center;
    inbound without_header;
    without_header.body = body;
    if (event_key.empty())
    {
        auto const own = event_key_of(without_header);
        return own.empty() ? std::nullopt : std::optional(edition::data_center);
    }
    bool const in_cloud = knows(edition::cloud, event_key);
    bool const in_data_center = knows(edition::data_center, event_key);
    if (in_cloud != in_data_center)
        return in_cloud ? edition::cloud : edition::data_center;
    return event_key_of(without_header).empty() ? std::nullopt : std::optional(edition::data_center);
}

std::optional<edition> edition_named(std::string_view name)
{
    if (name == "cloud")
        return edition::cloud;
    if (name == "data_center")
        return edition::data_center;
    return std::nullopt;
}

}  // namespace linkspan
