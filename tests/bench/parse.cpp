#include "core/bitbucket/digest.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/recorded.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

// ./dev bench parse. Events of minified bodies beside a bare Boost.JSON parse of the same bytes into a
// monotonic_resource, which takes its blocks from the heap or has room on the stack; ends with status 1 where
// a delivery is not read or the latter, smaller ratio is below its aim.

namespace linkspan::test
{
namespace
{

namespace json = boost::json;
using clock = std::chrono::steady_clock;

constexpr double ratio_min = 0.6;
constexpr std::size_t room_bytes = 48 * 1024;
constexpr int rounds = 30;
constexpr auto round_time = std::chrono::milliseconds(60);

struct body
{
    linkspan::edition edition;
    std::string event_key;
    std::string text;
};

std::size_t parse_into(json::monotonic_resource& memory, body const& one)
{
    boost::system::error_code failure;
    auto const value = json::parse(one.text, failure, &memory);
    return failure ? 0 : value.as_object().size();
}

// Blocks from the heap, as the resource takes them by itself.
std::size_t parse_bare(body const& one)
{
    json::monotonic_resource memory;
    return parse_into(memory, one);
}

// Room on the stack: nothing of a usual body comes from the heap.
std::size_t parse_in_room(body const& one)
{
    unsigned char room[room_bytes];
    json::monotonic_resource memory(room);
    return parse_into(memory, one);
}

std::size_t make_events(body const& one)
{
    inbound delivery;
    delivery.edition = one.edition;
    delivery.event_key = one.event_key;
    delivery.body = one.text;
    auto const said = read_delivery(delivery);
    if (!said)
        throw std::runtime_error(one.event_key + ": " + said.error().message);
    static digest_context const context = []
    {
        digest_context out;
        out.instance = "bitbucket.org";
        out.received_at = from_milliseconds(1'800'000'000'000);
        return out;
    }();
    static known_state const nothing;
    return digest(*said, nothing, context).events.size() + 1;
}

// Seconds for one pass over all bodies, in as many passes as fit into a round.
template <class Work>
double seconds_of_pass(std::vector<body> const& bodies, Work const& work)
{
    std::size_t sum = 0;
    int passes = 0;
    auto const begin = clock::now();
    auto end = begin;
    for (; end - begin < round_time; end = clock::now(), ++passes)
        for (auto const& one : bodies)
            sum += work(one);
    if (sum == 0)
        throw std::runtime_error("nothing was parsed");
    return std::chrono::duration<double>(end - begin).count() / passes;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

// The two take turns, so that other work on the machine slows both alike.
double measure(char const* name, std::vector<body> const& bodies)
{
    std::size_t bytes = 0;
    for (auto const& one : bodies)
        bytes += one.text.size();
    std::vector<double> bare, in_room, events, ratios;
    for (int i = 0; i < rounds; ++i)
    {
        bare.push_back(seconds_of_pass(bodies, parse_bare));
        events.push_back(seconds_of_pass(bodies, make_events));
        in_room.push_back(seconds_of_pass(bodies, parse_in_room));
        ratios.push_back(in_room.back() / events.back());
    }
    auto const count = static_cast<double>(bodies.size());
    auto const megabytes = static_cast<double>(bytes) / 1e6;
    auto const ratio = median(ratios);
    std::printf(
        "%-9s %4zu bodies of %5.0f bytes   parse %6.1f MB/s, in the same room %6.1f   events %6.1f MB/s, "
        "%5.1f us each   "
        "ratio %.2f, in the same room %.2f\n",
        name,
        bodies.size(),
        static_cast<double>(bytes) / count,
        megabytes / median(bare),
        megabytes / median(in_room),
        megabytes / median(events),
        median(events) / count * 1e6,
        median(bare) / median(events),
        ratio
    );
    return ratio;
}

body minified(linkspan::edition of, std::string event_key, json::value const& value)
{
    return {of, std::move(event_key), json::serialize(value)};
}

std::vector<body> own_bodies()
{
    std::vector<body> out;
    for (auto const of : {edition::cloud, edition::data_center})
    {
        for (auto& one : sample_deliveries(of))
            out.push_back(minified(of, std::move(one.event_key), json::parse(one.body)));
        auto const folder = std::filesystem::path(LINKSPAN_SOURCE_DIR) / "tests/deliveries" /
                            (of == edition::cloud ? "cloud" : "data_center");
        if (!std::filesystem::is_directory(folder))
            continue;
        for (auto const& entry : std::filesystem::directory_iterator(folder))
        {
            auto const document = object_of(read_file(entry.path()));
            out.push_back(minified(of, std::string(document.at("event_key").as_string()), document.at("body"))
            );
        }
    }
    return out;
}

std::vector<body> recorded_bodies(std::filesystem::path const& folder)
{
    std::vector<body> out;
    for (auto const& one : genuine_recordings_in(folder))
        out.push_back(minified(one.edition, one.event_key, json::parse(read_file(folder / one.file))));
    return out;
}

int run_bench()
{
    try
    {
        auto worst = measure("ours", own_bodies());
        if (auto const folder = payloads())
            worst = std::min(worst, measure("recorded", recorded_bodies(*folder)));
        else
            std::printf("recorded                 left out: LINKSPAN_PAYLOADS is not set\n");
        if (worst >= ratio_min)
            return 0;
        std::fprintf(stderr, "bench parse: the ratio %.2f is below %.2f\n", worst, ratio_min);
    }
    catch (std::exception const& fault)
    {
        std::fprintf(stderr, "bench parse: %s\n", fault.what());
    }
    return 1;
}

}  // namespace
}  // namespace linkspan::test

int main()
{
    return linkspan::test::run_bench();
}
