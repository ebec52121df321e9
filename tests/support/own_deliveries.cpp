#include "tests/support/own_deliveries.hpp"

#include "core/bitbucket/event_memory.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/environment.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace linkspan::test
{
namespace
{

constexpr char const* cloud_instance = "bitbucket.org";
constexpr char const* data_center_instance = "https://bitbucket.example.com";

own_delivery read_own(std::filesystem::path const& file, edition of)
{
    own_delivery out;
    out.name = file.stem().string();
    out.edition = of;
    auto const document = object_of(read_file(file));
    out.event_key = std::string(document.at("event_key").as_string());
    out.dialect = std::string(document.at("dialect").as_string());
    if (auto const* after = document.if_contains("after"))
        for (auto const& name : after->as_array())
            out.after.emplace_back(name.as_string());
    out.body = boost::json::serialize(document.at("body"));
    return out;
}

std::vector<event> take(event_memory& memory, own_delivery const& one)
{
    digest_context context;
    context.edition = one.edition;
    context.instance = one.edition == edition::cloud ? cloud_instance : data_center_instance;
    context.received_at = parse_time("2026-11-20T12:00:00Z").value();
    auto const said = read_body(one.edition, one.event_key, one.body);
    if (!said)
    {
        ADD_FAILURE() << one.name << ": " << said.error().message;
        return {};
    }
    return memory.take(*said, context);
}

}  // namespace

std::vector<own_delivery> own_deliveries(edition of)
{
    std::vector<own_delivery> out;
    auto const folder = std::filesystem::path(LINKSPAN_SOURCE_DIR) / "tests/deliveries" /
                        (of == edition::cloud ? "cloud" : "data_center");
    for (auto const& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".json")
            out.push_back(read_own(entry.path(), of));
    std::ranges::sort(out, {}, &own_delivery::name);
    return out;
}

std::vector<event> events_of(own_delivery const& one, std::vector<own_delivery> const& all)
{
    event_memory memory;
    for (auto const& name : one.after)
    {
        auto const before = std::ranges::find(all, name, &own_delivery::name);
        if (before == all.end())
            ADD_FAILURE() << one.name << ": there is no " << name;
        else
            take(memory, *before);
    }
    auto events = take(memory, one);
    for (auto& happening : events)
        happening.id = event_id("00000000-0000-7000-8000-000000000000");
    return events;
}

}  // namespace linkspan::test
