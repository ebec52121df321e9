#include "tests/support/bodies.hpp"

#include "tests/support/environment.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

constexpr std::int64_t pull_request_number = 7;
constexpr std::int64_t first_number = 4000;

// cmd/linkspan/samples/README.md, with fixed values: golden files want the same every time.
std::string fill(std::string text, time_point now)
{
    auto const replace = [&text](std::string const& what, std::string const& by)
    {
        for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
            text.replace(at, what.size(), by);
    };
    auto const replace_integer = [&replace](std::string const& what, std::int64_t by)
    {
        replace("\"{{" + what + "}}\"", std::to_string(by));
        replace("{{" + what + "}}", std::to_string(by));
    };
    replace("{{now}}", to_rfc3339(now));
    replace_integer("now_ms", to_milliseconds(now));
    replace_integer("pull_request", pull_request_number);
    replace_integer("number", first_number);
    for (std::int64_t i = 1; i < 20; ++i)
        replace_integer("number+" + std::to_string(i), first_number + i);
    for (char letter = 'a'; letter <= 'z'; ++letter)
    {
        replace(std::string("{{hash:") + letter + "}}", sample_hash(letter));
        replace(std::string("{{hash12:") + letter + "}}", sample_hash(letter).substr(0, 12));
    }
    return text;
}

}  // namespace

std::string sample_hash(char letter)
{
    std::string hash;
    for (int i = 0; i < 20; ++i)
        hash += std::to_string(10 + letter - 'a');
    return hash;
}

std::vector<sample_delivery> sample_deliveries(linkspan::edition edition)
{
    auto const folder = std::filesystem::path(LINKSPAN_SOURCE_DIR) / "cmd" / "linkspan" / "samples" /
                        (edition == edition::cloud ? "cloud" : "data_center");
    std::vector<std::filesystem::path> files;
    for (auto const& file : std::filesystem::directory_iterator(folder))
        files.push_back(file.path());
    std::ranges::sort(files);
    std::vector<sample_delivery> out;
    auto now = *parse_time("2026-11-20T09:30:00Z");
    for (auto const& file : files)
    {
        auto const sample = object_of(fill(read_file(file), now));
        sample_delivery one;
        one.name = file.stem().string();
        one.edition = edition;
        one.event_key = std::string(sample.at("event_key").as_string());
        one.is_story = sample.at("story").as_bool();
        one.body = json::serialize(sample.at("body"));
        one.at = now;
        out.push_back(std::move(one));
        now += std::chrono::minutes(1);
    }
    return out;
}

sample_delivery sample_named(linkspan::edition edition, std::string_view name)
{
    for (auto& one : sample_deliveries(edition))
        if (one.name.substr(one.name.find('_') + 1) == name)
            return std::move(one);
    throw std::runtime_error("no sample " + std::string(name));
}

json::object object_of(std::string_view text)
{
    return json::parse(text).as_object();
}

bool is_recognised(linkspan::edition edition, std::string event_key, std::string_view body)
{
    return read_body(edition, std::move(event_key), body).has_value();
}

result<reading> read_body(linkspan::edition edition, std::string event_key, std::string_view body)
{
    inbound delivery;
    delivery.edition = edition;
    delivery.event_key = std::move(event_key);
    delivery.body = body;
    return read_delivery(delivery);
}

}  // namespace linkspan::test
