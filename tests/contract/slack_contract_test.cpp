// The arguments of Slack's messages, by Slack's own description. It describes forms, and we send JSON: so a
// validator refuses the requests as such, and names and types are judged here.
#include "links/slack/render.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/events.hpp"
#include "tests/support/published_specs.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

class message_arguments
{
public:
    explicit message_arguments(json::value const& swagger)
    {
        auto const& parameters = swagger.at_pointer("/paths/~1chat.postMessage/post/parameters").as_array();
        for (auto const& one : parameters)
            if (one.at("in") == "formData")
                known_[std::string(one.at("name").as_string())] = one.as_object();
    }

    std::vector<std::string> faults(json::object const& given) const
    {
        std::vector<std::string> out;
        for (auto const& [name, value] : given)
            if (auto const found = known_.find(std::string(name)); found == known_.end())
                out.push_back("no argument " + std::string(name));
            else if (value.is_bool() != (found->second.at("type") == "boolean"))
                out.push_back("another type: " + std::string(name));
        for (auto const& [name, described] : known_)
            if (described.contains("required") && described.at("required").as_bool() && !given.contains(name))
                out.push_back("missing: " + name);
        return out;
    }

private:
    std::map<std::string, json::object> known_;
};

TEST(slack_contract, knows_every_argument_of_a_message)
{
    auto const file = published_spec(slack_spec);
    if (!file)
        GTEST_SKIP() << spec_is_missing(slack_spec);
    message_arguments const described(json::parse(read_file(*file)));
    for (auto const& row : kind_names)
        EXPECT_EQ(
            described.faults(slack::render(sample_event(row.kind), "C0123456789")), std::vector<std::string>()
        ) << row.name;
    json::object const wrong = {{"text", true}, {"chanel", "C0123456789"}, {"unfurl_links", false}};
    auto found = described.faults(wrong);
    std::ranges::sort(found);
    EXPECT_EQ(
        found, (std::vector<std::string>{"another type: text", "missing: channel", "no argument chanel"})
    );
}

}  // namespace
}  // namespace linkspan::test
