#include "core/base/http_time.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

TEST(time, reads_every_zone_that_bitbucket_writes)
{
    auto const expected = parse_time("2020-04-07T13:19:34.000Z");
    ASSERT_TRUE(expected);
    EXPECT_EQ(parse_time("2020-04-07T15:19:34+0200"), expected);
    EXPECT_EQ(parse_time("2020-04-07T15:19:34+02:00"), expected);
    EXPECT_EQ(parse_time("2020-04-07T08:49:34-0430"), expected);
    EXPECT_EQ(parse_time("2020-04-07T13:19:34.0009999+00:00"), expected);
    EXPECT_EQ(to_rfc3339(*expected), "2020-04-07T13:19:34.000Z");
}

TEST(time, refuses_what_is_no_moment)
{
    for (auto const* text :
         {"",
          "2020",
          "2020-02-30T00:00:00Z",
          "2020-04-07T25:00:00Z",
          "2020-04-07T13:19:34",
          "2020-04-07T13:19:34.Z",
          "2020-04-07T13:19:34Zx",
          "2020-04-07T13:19:34+2",
          "2020/04/07T13:19:34Z"})
        EXPECT_FALSE(parse_time(text)) << text;
}

// What is read is written into events and snapshots, and read again.
TEST(time, refuses_what_could_not_be_written)
{
    EXPECT_FALSE(parse_time("0000-01-01T00:00:00+00:01"));
    EXPECT_FALSE(parse_time("9999-12-31T23:59:59.999-00:01"));
    for (auto const* text : {"0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"})
    {
        ASSERT_TRUE(parse_time(text)) << text;
        EXPECT_EQ(to_rfc3339(*parse_time(text)), text);
    }
}

TEST(time, reads_the_date_of_headers)
{
    EXPECT_EQ(parse_http_time("Tue, 07 Mar 2023 20:35:15 GMT"), parse_time("2023-03-07T20:35:15Z"));
    EXPECT_EQ(parse_http_time("Sat, 29 Feb 2020 00:00:00 GMT"), parse_time("2020-02-29T00:00:00Z"));
    EXPECT_EQ(parse_http_time("Thu, 31 Dec 2026 23:59:59 GMT"), parse_time("2026-12-31T23:59:59Z"));
    for (auto const* text :
         {"",
          "Tue",
          "Tue, ",
          "Tue, 07",
          "Tue, 07 Mar",
          "Tue, 07 Mar 2023",
          "Tue, 07 Mar 2023 20:35:15",
          "Tue, 07 Mar 2023 20:35:15 UTC",
          "Tue, 07 Mar 2023 20:35:15 GMT ",
          "Tue, 07 arA 2023 20:35:15 GMT",
          "Tue, 07 XYZ 2023 20:35:15 GMT",
          "Wed, 30 Feb 2023 20:35:15 GMT",
          "Tue, 07 Mar 2023 24:35:15 GMT",
          "Tuesday, 07-Mar-23 20:35:15 GMT",
          "2023-03-07T20:35:15Z"})
        EXPECT_FALSE(parse_http_time(text)) << text;
}

}  // namespace
}  // namespace linkspan
