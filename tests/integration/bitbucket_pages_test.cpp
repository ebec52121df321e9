// Lists page by page: to the end, or to a fault that is told, never cut in silence.
#include "links/bitbucket/cloud_rest.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "tests/support/bitbucket_peer.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/json/serialize.hpp>

namespace linkspan::test
{
namespace
{

using bitbucket::api_fault;
using bitbucket::barren_pages_max;
using bitbucket::code_of;
using bitbucket::list_limits;
using bitbucket::listing;
using bitbucket::name_of;
using bitbucket::pages_max;
using bitbucket::place_bytes_max;

class bitbucket_pages : public bitbucket_peer
{
protected:
    listing comments(list_limits limits = {})
    {
        return ask(bitbucket::cloud::list_comments(access(), {"acme", "web"}, 7, std::move(limits)));
    }

    listing activities(list_limits limits = {})
    {
        return ask(bitbucket::data_center::list_activities(access("/"), {"OPS", "web"}, 7, std::move(limits))
        );
    }

    // A page of comments with these ids; next: a path of the peer.
    void cloud_page(std::vector<int> const& ids, std::string const& next = "", std::string const& more = "")
    {
        answer_with(
            200,
            R"({"values":)" + values(ids) + (next.empty() ? "" : R"(,"next":"{peer})" + next + "\"") + more +
                "}"
        );
    }

    void center_page(std::vector<int> const& ids, std::optional<int> next = std::nullopt)
    {
        answer_with(
            200,
            R"({"values":)" + values(ids) + R"(,"isLastPage":)" + (next ? "false" : "true") +
                R"(,"nextPageStart":)" + (next ? std::to_string(*next) : "null") + "}"
        );
    }

    static std::string ids(listing const& of)
    {
        std::string out;
        for (auto const& value : of.values)
            out += (out.empty() ? "" : " ") + text_at(value, "/id");
        return out;
    }

    static void expect_fault(listing const& said, api_fault fault, std::string const& read, char const* words)
    {
        EXPECT_FALSE(said.is_whole());
        EXPECT_EQ(name_of(said.fault), name_of(fault)) << said.why.message;
        EXPECT_EQ(said.why.code, code_of(fault));
        EXPECT_EQ(ids(said), read);
        EXPECT_NE(said.why.message.find(words), std::string::npos) << said.why.message;
        EXPECT_EQ(said.why.message.find("canary"), std::string::npos) << said.why.message;
    }

private:
    static std::string values(std::vector<int> const& ids)
    {
        std::string out;
        for (int const id : ids)
            out += (out.empty() ? "" : ",") + (R"({"id":)" + std::to_string(id) + "}");
        return "[" + out + "]";
    }
};

TEST_F(bitbucket_pages, follow_next_of_cloud_to_the_letter)
{
    cloud_page({1, 2}, "/2.0/p?ctx=a%2fB+c%7E&page=x");
    cloud_page({}, "/elsewhere?page=3");  // an empty page is no end
    cloud_page({3});
    auto const said = comments();
    EXPECT_TRUE(said.is_whole()) << said.why.message;
    EXPECT_EQ(ids(said), "1 2 3");
    EXPECT_EQ(said.requests, 3);
    EXPECT_EQ(said.next, "");
    EXPECT_EQ(asked()[1], "/2.0/p?ctx=a%2fB+c%7E&page=x");
    EXPECT_EQ(asked()[2], "/elsewhere?page=3");
}

TEST_F(bitbucket_pages, follow_the_next_start_of_a_data_center)
{
    center_page({9, 8}, 117);
    center_page({7}, 250);
    center_page({});
    auto const said = activities();
    EXPECT_TRUE(said.is_whole()) << said.why.message;
    EXPECT_EQ(ids(said), "9 8 7");
    std::string const first = "/rest/api/latest/projects/OPS/repos/web/pull-requests/7/activities?limit=100";
    EXPECT_EQ(asked(), (std::vector{first, first + "&start=117", first + "&start=250"}));
}

TEST_F(bitbucket_pages, tell_the_clock_of_the_first_and_the_limits_of_the_last)
{
    std::string const next = R"({"values":[],"next":"{peer}/2.0/2"})";
    answer_with(200, next, {{"Date", "Fri, 20 Nov 2026 09:29:58 GMT"}, {"X-RateLimit-Limit", "1000"}});
    answer_with(
        200,
        R"({"values":[]})",
        {{"Date", "Fri, 20 Nov 2026 09:30:01 GMT"},
         {"X-RateLimit-Limit", "1200"},
         {"X-RateLimit-NearLimit", "True"},
         {"X-RateLimit-Resource", "api"}}
    );
    auto const said = comments();
    EXPECT_TRUE(said.began_at == parse_time("2026-11-20T09:29:58Z"));
    EXPECT_EQ(said.notes.rate_limit, 1200);
    EXPECT_EQ(said.notes.near_limit, true);
    EXPECT_EQ(said.notes.resource, "api");
}

TEST_F(bitbucket_pages, end_where_a_next_repeats)
{
    cloud_page({1}, "/2.0/2");
    cloud_page({2}, "/2.0/3");
    cloud_page({3}, "/2.0/2");
    expect_fault(comments(), api_fault::endless, "1 2 3", "read before");
    center_page({1}, 25);
    center_page({2}, 25);
    expect_fault(activities(), api_fault::endless, "1 2", "read before");
    EXPECT_EQ(asked().size(), 5u);
}

TEST_F(bitbucket_pages, end_where_nothing_new_comes)
{
    for (int page = 1; page < 20; ++page)
        cloud_page({1}, "/2.0/" + std::to_string(page));
    auto const said = comments();
    expect_fault(said, api_fault::endless, "1", "nothing new");
    EXPECT_EQ(said.requests, 1 + barren_pages_max);
}

TEST_F(bitbucket_pages, end_where_as_many_are_read_as_were_wanted)
{
    for (int page = 1; page <= 3; ++page)
        cloud_page({page}, "/2.0/" + std::to_string(page));
    auto const said = comments(list_limits(3));
    expect_fault(said, api_fault::page_limit, "1 2 3", "after 3 pages");
    EXPECT_EQ(said.next, filled("{peer}/2.0/3"));
    cloud_page({4});
    auto const rest = comments(list_limits(3, said.next));
    EXPECT_TRUE(rest.is_whole()) << rest.why.message;
    EXPECT_EQ(ids(rest), "4");
    EXPECT_EQ(asked().back(), "/2.0/3");

    for (int page = 1; page <= pages_max + 1; ++page)
        center_page({page}, page);
    auto const endless = activities();
    EXPECT_EQ(endless.fault, api_fault::page_limit);
    EXPECT_EQ(endless.values.size(), static_cast<std::size_t>(pages_max));
}

TEST_F(bitbucket_pages, each_page_but_the_first_is_asked_leave_for)
{
    cloud_page({1}, "/2.0/two");
    cloud_page({2}, "/2.0/three");
    int asked = 0;
    list_limits limits;
    limits.grant_next = [&asked]() -> boost::asio::awaitable<bool> { co_return ++asked < 2; };
    auto const said = comments(limits);
    expect_fault(said, api_fault::page_limit, "1 2", "as may be asked for now");
    EXPECT_TRUE(said.next.ends_with("/2.0/three")) << said.next;
    EXPECT_EQ(said.requests, 2);
    EXPECT_EQ(asked, 2);
}

TEST_F(bitbucket_pages, read_on_at_a_data_center)
{
    center_page({1}, 40);
    auto const said = activities(list_limits(1));
    EXPECT_TRUE(said.next.ends_with("/activities?limit=100&start=40")) << said.next;
    center_page({2}, 80);
    center_page({3});
    auto const rest = activities(list_limits(5, said.next));
    EXPECT_TRUE(rest.is_whole()) << rest.why.message;
    EXPECT_EQ(ids(rest), "2 3");
    EXPECT_TRUE(asked().back().ends_with("/activities?limit=100&start=80"));
}

TEST_F(bitbucket_pages, do_not_ask_other_hosts)
{
    auto const port = filled("{peer}").substr(filled("{peer}").rfind(':'));
    for (auto const& foreign :
         {std::string("http://evil.example/2.0/2"),
          "https://127.0.0.1" + port + "/2.0/2",
          std::string("http://127.0.0.1:1/2.0/2"),
          "http://127.0.0.1" + port + "@evil.example/2.0/2",
          "http://ada@127.0.0.1" + port + "/2.0/2",
          std::string("//evil.example/2"),
          std::string("/2.0/2"),
          std::string("file:///etc/passwd"),
          std::string("not a url"),
          std::string("")})
    {
        auto const before = asked().size();
        answer_with(200, R"({"values":[{"id":1}],"next":")" + foreign + "\"}");
        auto const said = comments();
        expect_fault(said, api_fault::foreign_host, "1", "not asked");
        EXPECT_EQ(said.next, "");
        EXPECT_EQ(asked().size(), before + 1) << foreign;
    }
    // Nor where the caller was given it as the place to read on.
    EXPECT_EQ(comments(list_limits(1, "http://evil.example/2.0/2")).fault, api_fault::foreign_host);
}

TEST_F(bitbucket_pages, tell_what_is_no_page)
{
    for (std::string const body :
         {"[]",
          "null",
          R"("values")",
          "{}",
          R"({"values":null})",
          R"({"values":{}})",
          R"({"type":"error","error":{"message":"x"}})",
          R"({"next":"{peer}/2.0/2"})"})
    {
        cloud_page({1}, "/2.0/2");
        answer_with(200, body);
        auto const said = comments();
        expect_fault(said, api_fault::not_a_page, "1", "no values");
        EXPECT_EQ(said.next, filled("{peer}/2.0/2"));  // it may be one the next time
    }
    for (std::string const& next :
         {std::string("7"),
          std::string("true"),
          std::string("{}"),
          "\"" + std::string(place_bytes_max + 1, 'x') + "\""})
    {
        answer_with(200, R"({"values":[{"id":1}],"next":)" + next + "}");
        expect_fault(comments(), api_fault::not_a_page, "1", "next is no URL");
    }
    for (std::string const end :
         {R"("isLastPage":false)",
          R"("isLastPage":false,"nextPageStart":null)",
          R"("isLastPage":false,"nextPageStart":-1)",
          R"("isLastPage":false,"nextPageStart":"5")",
          R"("isLastPage":"true")",
          R"("size":1)"})
    {
        answer_with(200, R"({"values":[{"id":1}],)" + end + "}");
        expect_fault(activities(), api_fault::not_a_page, "1", "neither an end nor a next");
    }
}

TEST_F(bitbucket_pages, read_threads_of_many_replies)
{
    constexpr int replies = 60;
    std::string thread = R"({"id":1})";
    for (int reply = 2; reply <= replies; ++reply)
        thread = R"({"id":)" + std::to_string(reply) + R"(,"comments":[)" + thread + "]}";
    answer_with(200, R"({"values":[)" + thread + R"(],"isLastPage":true})");
    auto const said = activities();
    EXPECT_TRUE(said.is_whole()) << said.why.message;
    EXPECT_EQ(said.values.size(), 1u);
}

TEST_F(bitbucket_pages, tell_html_and_half_a_text)
{
    for (std::string const body : {"<html><h1>Sign in</h1></html>", "", R"({"values":[{"id":2},{"id")"})
    {
        cloud_page({1}, "/2.0/2");
        answer_with(200, body, {{"Content-Type", "text/html"}});
        expect_fault(comments(), api_fault::not_json, "1", " in JSON");
    }
    cloud_page({1}, "/2.0/2");
    answer_with(answer_part("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"values\":[{\"id\":2}"));
    auto const said = comments();
    expect_fault(said, api_fault::unheard, "1", "no answer");
    EXPECT_EQ(said.next, filled("{peer}/2.0/2"));
}

TEST_F(bitbucket_pages, keep_once_what_comes_twice)
{
    answer_with(200, R"({"values":[{"id":1,"n":"old"},{"id":2}],"next":"{peer}/2.0/2"})");
    answer_with(200, R"({"values":[{"id":2},{"id":1,"n":"new"},{"id":3}]})");
    auto const said = comments();
    expect_fault(said, api_fault::shifted, "1 2 3", "2 of its items came twice");
    EXPECT_EQ(text_at(said.values[0], "/n"), "new");  // read later
    EXPECT_EQ(said.next, "");
    center_page({1, 2}, 2);
    center_page({2, 3});
    expect_fault(activities(), api_fault::shifted, "1 2 3", "1 of its items came twice");
}

// One that is gone moves those behind it to the page that was read already.
TEST_F(bitbucket_pages, tell_a_size_that_changes)
{
    cloud_page({1, 2}, "/2.0/2", R"(,"size":5)");
    cloud_page({4}, "", R"(,"size":4)");
    expect_fault(comments(), api_fault::shifted, "1 2 4", "its size");
    cloud_page({1, 2}, "/2.0/2", R"(,"size":3)");
    cloud_page({3}, "", R"(,"size":3)");
    EXPECT_TRUE(comments().is_whole());
}

TEST_F(bitbucket_pages, keep_items_without_an_id)
{
    answer_with(200, R"({"values":[{"a":1},{"id":null,"b":2},7,{"a":1}]})");
    auto const said = comments();
    EXPECT_EQ(boost::json::serialize(said.values), R"([{"a":1},{"id":null,"b":2},7])");
    EXPECT_EQ(said.fault, api_fault::shifted);
}

TEST_F(bitbucket_pages, take_no_more_bytes_than_they_may)
{
    std::string const text(600, 'x');
    std::string const page = R"({"values":[{"id":1,"t":")" + text + R"("}],"next":"{peer}/2.0/2"})";
    list_limits limits;
    limits.page_bytes = 500;
    answer_with(200, page);
    expect_fault(comments(limits), api_fault::oversized, "", "more than 500 bytes");
    limits.page_bytes = 1000;
    limits.list_bytes = 1200;
    answer_with(200, page);
    answer_with(200, R"({"values":[{"id":2,"t":")" + text + R"("}]})");
    auto const said = comments(limits);
    expect_fault(said, api_fault::oversized, "1", "its pages together have more than 1200");
    EXPECT_EQ(said.next, filled("{peer}/2.0/2"));
}

TEST_F(bitbucket_pages, give_what_was_read_before_a_refusal)
{
    cloud_page({1, 2}, "/2.0/2");
    answer_with(429, "Rate limit for this resource has been exceeded", {{"Retry-After", "30"}});
    auto const said = comments();
    expect_fault(said, api_fault::rate_limited, "1 2", "too many requests");
    EXPECT_EQ(said.notes.retry_after, seconds(30));
    EXPECT_EQ(said.next, filled("{peer}/2.0/2"));
    EXPECT_EQ(said.requests, 2);
    cloud_page({1}, "/2.0/2");
    answer_with(404, "{}");
    expect_fault(comments(), api_fault::not_found, "1", "answers 404");
}

TEST_F(bitbucket_pages, give_what_was_read_when_they_are_stopped)
{
    cloud_page({1, 2}, "/2.0/2");
    answer_with(never_answer());
    boost::asio::cancellation_signal stop;
    std::optional<listing> said;
    boost::asio::co_spawn(
        loop(),
        bitbucket::cloud::list_comments(access(), {"acme", "web"}, 7),
        boost::asio::bind_cancellation_slot(
            stop.slot(),
            [&said](std::exception_ptr failure, listing ended)
            {
                EXPECT_EQ(failure, nullptr);
                said = std::move(ended);
            }
        )
    );
    run_until(loop(), [this] { return asked().size() == 2; });
    stop.emit(boost::asio::cancellation_type::terminal);
    run_until(loop(), [&said] { return said.has_value(); });
    expect_fault(*said, api_fault::unheard, "1 2", "stopped by us");
}

}  // namespace
}  // namespace linkspan::test
