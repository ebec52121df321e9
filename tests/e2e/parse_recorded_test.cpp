#include "cmd/linkspan/parse.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/recorded.hpp"
#include "tests/support/run_program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <sstream>

// `linkspan parse` over what Bitbucket really sent, and over what it never would.

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

TEST(parse_recorded, ends_well_on_every_genuine_recording)
{
    if (!payloads())
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries here";
    std::size_t listed = 0;
    for (auto const on : {edition::cloud, edition::data_center})
    {
        std::vector<std::string> arguments = {
            "parse", "--edition", on == edition::cloud ? "cloud" : "data_center"};
        for (auto const& one : recordings_in(*payloads()))
        {
            if (!one.is_genuine() || one.edition != on)
                continue;
            ++listed;
            arguments.insert(
                arguments.end(), {"--event-key", one.event_key, (*payloads() / one.file).string()}
            );
        }
        program_profile profile;
        auto const done = profile.run(arguments);
        EXPECT_EQ(done.code, 0) << done.err;
        EXPECT_FALSE(done.out.empty());
    }
    std::cout << "report: linkspan parse ends well on " << listed << " recorded deliveries\n";
    EXPECT_EQ(listed, genuine_recordings_listed_in(*payloads()));
    EXPECT_GT(listed, 0u);
}

// --- mutations

class mutator
{
public:
    explicit mutator(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}

    std::string apply(std::string const& body)
    {
        switch (below(8))
        {
            case 0:
                return flipped(body);
            case 1:
                return body.substr(0, below(body.size()));
            case 2:
                return changed(body, [](json::object& at, std::string const& name) { at.erase(name); });
            case 3:
                return changed(
                    body, [this](json::object& at, std::string const& name) { at[name] = other_type(); }
                );
            case 4:
                return inserted(body, ':', std::string(200, '[') + std::string(200, ']') + ",\"deep\":");
            case 5:
                return inserted(body, '{', "\"id\":1,\"id\":\"two\",\"id\":null,");
            case 6:
                return inserted(
                    body, ':', below(2) == 0 ? "1e999,\"x\":" : "123456789012345678901234567890,\"x\":"
                );
            default:
                return inserted(body, '"', "\xff\xc3");
        }
    }

    std::size_t below(std::size_t limit)
    {
        // splitmix64: the same on every machine
        state_ += 0x9e3779b97f4a7c15u;
        auto z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return limit == 0 ? 0 : static_cast<std::size_t>((z ^ (z >> 31)) % limit);
    }

private:
    std::string flipped(std::string body)
    {
        for (auto n = 1 + below(8); n > 0; --n)
            body[below(body.size())] ^= static_cast<char>(1 << below(8));
        return body;
    }

    std::string inserted(std::string body, char behind, std::string const& text)
    {
        auto const at = body.find(behind, below(body.size()));
        if (at != std::string::npos)
            body.insert(at + 1, text);
        return body;
    }

    json::value other_type()
    {
        switch (below(6))
        {
            case 0:
                return nullptr;
            case 1:
                return true;
            case 2:
                return -1;
            case 3:
                return json::array{json::object()};
            case 4:
                return json::object{{"x", 1}};
            default:
                return "text";
        }
    }

    // One member, anywhere below, picked by a walk.
    template <class F>
    std::string changed(std::string const& body, F const& change)
    {
        boost::system::error_code failure;
        auto document = json::parse(body, failure);
        if (failure || !document.is_object())
            return flipped(body);
        auto* at = &document.get_object();
        for (;;)
        {
            if (at->empty())
                break;
            auto it = at->begin() + static_cast<std::ptrdiff_t>(below(at->size()));
            auto* next = &it->value();
            if (auto* list = next->if_array(); list != nullptr && !list->empty())
                next = &(*list)[below(list->size())];
            if (!next->is_object() || below(3) == 0)
            {
                change(*at, std::string(it->key()));
                break;
            }
            at = &next->get_object();
        }
        return json::serialize(document);
    }

    std::uint64_t state_;
};

void parse_lines(std::string const& text)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        json::parse(line);
}

TEST(parse_recorded, a_thousand_mutated_deliveries_end_with_a_message)
{
    struct original
    {
        std::string edition;
        std::string key;
        std::string body;
    };
    std::vector<original> originals;
    for (auto const on : {edition::cloud, edition::data_center})
    {
        std::string const name = on == edition::cloud ? "cloud" : "data_center";
        for (auto const& one : sample_deliveries(on))
            originals.push_back({name, one.event_key, one.body});
        if (payloads())
            for (auto const& one : recordings_in(*payloads()))
                if (one.is_genuine() && one.edition == on)
                    originals.push_back({name, one.event_key, read_file(*payloads() / one.file)});
    }
    std::size_t refused = 0;
    constexpr std::size_t mutations = 1'000;
    for (std::size_t seed = 0; seed < mutations; ++seed)
    {
        mutator mutate(seed);
        auto const& from = originals[seed % originals.size()];
        auto const body = mutate.apply(from.body);
        parse_options options;
        options.files = {"-"};
        options.edition = from.edition;
        options.event_keys = {from.key};
        std::istringstream in(body);
        std::ostringstream out;
        std::ostringstream err;
        terminal on(out, err, in);
        auto const ended = parse_deliveries(on, options);
        if (ended)
        {
            EXPECT_NO_THROW(parse_lines(out.str())) << seed;
            continue;
        }
        ++refused;
        auto const& why = ended.error();
        EXPECT_TRUE(why.code == errc::invalid || why.code == errc::not_found) << seed;
        EXPECT_TRUE(
            why.message.starts_with("standard input: /") ||
            why.message.starts_with("standard input: the body ")
        ) << seed
          << ": " << why.message;
        EXPECT_EQ(out.str(), "") << seed;
    }
    std::cout << "report: of " << mutations << " mutated deliveries " << refused << " were refused\n";
    EXPECT_GT(refused, mutations / 4);
    EXPECT_LT(refused, mutations);
}

}  // namespace
}  // namespace linkspan::test
