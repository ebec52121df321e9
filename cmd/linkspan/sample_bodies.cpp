#include "cmd/linkspan/sample_bodies.hpp"

#include "cmd/linkspan/samples.hpp"
#include "core/base/secret.hpp"
#include "links/net/hmac.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t hash_digits = 40;
constexpr std::size_t short_hash_digits = 12;

std::string_view folder_of(edition wanted)
{
    return wanted == edition::cloud ? "cloud/" : "data_center/";
}

std::string hash_of(char letter, sample_run const& run)
{
    static constexpr char digits[] = "0123456789abcdef";
    auto const seed = std::to_string(run.number) + ":" + std::to_string(run.pull_request) + ":" + letter;
    std::string out;
    for (auto const byte : hmac_sha256(secret("linkspan sample"), seed))
    {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out.substr(0, hash_digits);
}

std::optional<std::int64_t> addend_in(std::string_view text)
{
    std::int64_t number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::optional<std::int64_t> integer_of(std::string_view name, sample_run const& run)
{
    if (name == "now_ms")
        return to_milliseconds(run.now);
    if (name == "pull_request")
        return run.pull_request;
    if (name == "number")
        return run.number;
    if (name.starts_with("number+") && name.size() > 7)
        if (auto const plus = addend_in(name.substr(7)))
            return run.number + *plus;
    return std::nullopt;
}

std::optional<std::string> text_of(std::string_view name, sample_run const& run)
{
    if (auto const number = integer_of(name, run))
        return std::to_string(*number);
    if (name == "now")
        return to_rfc3339(run.now);
    if (name.starts_with("hash:") && name.size() == 6)
        return hash_of(name.back(), run);
    if (name.starts_with("hash12:") && name.size() == 8)
        return hash_of(name.back(), run).substr(0, short_hash_digits);
    return std::nullopt;
}

result<json::value> filled(std::string_view text, sample_run const& run)
{
    if (text.starts_with("{{") && text.find("}}") == text.size() - 2)
        if (auto const number = integer_of(text.substr(2, text.size() - 4), run))
            return json::value(*number);
    std::string out;
    while (true)
    {
        auto const begin = text.find("{{");
        out += text.substr(0, begin);
        if (begin == std::string_view::npos)
            return json::value(out);
        auto const end = text.find("}}", begin);
        auto const name = end == std::string_view::npos ? "" : text.substr(begin + 2, end - begin - 2);
        auto const value = text_of(name, run);
        if (!value)
            return error(errc::internal, "a sample has an unknown placeholder {{" + std::string(name) + "}}");
        out += *value;
        text.remove_prefix(end + 2);
    }
}

// As deep as the parser allows (32 levels).
result<> fill(json::value& value, sample_run const& run)
{
    if (auto* object = value.if_object())
    {
        for (auto& member : *object)
            if (auto const done = fill(member.value(), run); !done)
                return done;
    }
    else if (auto* array = value.if_array())
    {
        for (auto& element : *array)
            if (auto const done = fill(element, run); !done)
                return done;
    }
    else if (auto const* text = value.if_string())
    {
        auto made = filled(*text, run);
        if (!made)
            return made.error();
        value = std::move(*made);
    }
    return {};
}

// "cloud/04_suggestion.json" -> "suggestion"
std::string name_of_file(std::string_view file)
{
    auto name = file.substr(file.find('/') + 1);
    if (name.ends_with(".json"))
        name.remove_suffix(5);
    return std::string(name.substr(name.find('_') + 1));
}

result<sample> read_sample(std::string_view file, std::string_view text, edition of)
{
    boost::system::error_code failure;
    auto const document = json::parse(text, failure);
    auto const* object = failure ? nullptr : document.if_object();
    auto const* key = object == nullptr ? nullptr : object->if_contains("event_key");
    auto const* summary = object == nullptr ? nullptr : object->if_contains("summary");
    auto const* story = object == nullptr ? nullptr : object->if_contains("story");
    if (key == nullptr || !key->is_string() || summary == nullptr || !summary->is_string() ||
        story == nullptr || !story->is_bool() || !object->contains("body"))
        return error(errc::internal, "the sample " + std::string(file) + " is not in its format");
    sample out;
    out.name = name_of_file(file);
    out.edition = of;
    out.event_key = key->get_string();
    out.summary = summary->get_string();
    out.in_story = story->get_bool();
    out.file = text;
    return out;
}

}  // namespace

result<std::vector<sample>> samples_of(edition wanted)
{
    std::vector<sample> out;
    for (auto const& file : sample_files)
        if (file.name.starts_with(folder_of(wanted)))
        {
            auto one = read_sample(file.name, file.text, wanted);
            if (!one)
                return one.error();
            out.push_back(std::move(*one));
        }
    std::ranges::stable_partition(out, &sample::in_story);
    return out;
}

result<std::string> body_of(sample const& chosen, sample_run const& run)
{
    boost::system::error_code failure;
    auto const document = json::parse(chosen.file, failure);
    if (failure)
        return error(errc::internal, "the sample " + chosen.name + " is not in its format");
    return fill_placeholders(json::serialize(document.get_object().at("body")), run);
}

result<std::string> fill_placeholders(std::string_view json_text, sample_run const& run)
{
    boost::system::error_code failure;
    auto body = json::parse(json_text, failure);
    if (failure)
        return error(errc::invalid, "fill in a sample: " + failure.message());
    if (auto const done = fill(body, run); !done)
        return done.error();
    return json::serialize(body);
}

}  // namespace linkspan
