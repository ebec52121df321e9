#include "cmd/linkspan/sample_bodies.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

sample_run const run{parse_time("2026-11-20T09:30:00.250Z").value(), 7, 1200};

std::string filled(std::string_view text)
{
    auto const done = fill_placeholders(text, run);
    return done ? *done : "error: " + done.error().message;
}

TEST(sample_bodies, placeholders_become_numbers_and_texts)
{
    EXPECT_EQ(
        filled(R"(["{{pull_request}}","{{number}}","{{number+12}}","{{now_ms}}"])"),
        "[7,1200,1212,1795167000250]"
    );
    EXPECT_EQ(filled(R"({"{{now}}":"{{now}}"})"), R"({"{{now}}":"2026-11-20T09:30:00.250Z"})");
    EXPECT_EQ(filled(R"("pull-requests/{{pull_request}}#{{number+1}}")"), R"("pull-requests/7#1201")");
    EXPECT_EQ(filled(R"("{{pull_request}}{{number}}")"), R"("71200")");
}

TEST(sample_bodies, hashes_belong_to_the_run)
{
    auto const whole =
        boost::json::parse(filled(R"(["{{hash:a}}","{{hash12:a}}","{{hash:b}}","{{hash:a}}"])"));
    auto const first = std::string(whole.at(0).as_string());
    EXPECT_EQ(first.size(), 40u);
    EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(whole.at(1).as_string(), first.substr(0, 12));
    EXPECT_NE(whole.at(2).as_string(), first);
    EXPECT_EQ(whole.at(3).as_string(), first);
    auto other = run;
    other.number += 100;
    EXPECT_NE(fill_placeholders(R"("{{hash:a}}")", other).value(), '"' + first + '"');
}

TEST(sample_bodies, what_is_not_known_is_an_error)
{
    for (auto const* text :
         {R"("{{nothing}}")",
          R"("{{number+}}")",
          R"("{{number+x}}")",
          R"("{{hash:}}")",
          R"("x {{now")",
          R"({"a":["{{}}"]})"})
    {
        auto const failed = fill_placeholders(text, run);
        ASSERT_FALSE(failed) << text;
        EXPECT_EQ(failed.error().code, errc::internal);
    }
    EXPECT_EQ(fill_placeholders("{", run).error().code, errc::invalid);
}

TEST(sample_bodies, every_sample_can_be_filled_in)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        auto const all = samples_of(edition).value();
        EXPECT_GE(all.size(), 12u);
        bool is_story = true;
        for (auto const& one : all)
        {
            EXPECT_TRUE(is_story || !one.in_story) << "the story comes first";
            is_story = one.in_story;
            auto const body = body_of(one, run);
            ASSERT_TRUE(body) << one.name << body.error().message;
            EXPECT_EQ(body->find("{{"), std::string::npos) << one.name;
        }
    }
}

}  // namespace
}  // namespace linkspan
