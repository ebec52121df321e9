#include "links/net/request_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace linkspan
{
namespace
{

using state = request_reader::state;

constexpr std::size_t header_bytes_max = 512;
constexpr std::size_t body_bytes_max = 64;

// Feeds `stream` in pieces of the given sizes, the last one again and again, as a connection would; what came
// of it.
std::string read_all(
    std::string const& stream, std::vector<std::size_t> const& pieces, std::size_t limit = header_bytes_max
)
{
    request_reader reader(limit);
    std::string outcome;
    std::string waiting;
    std::size_t piece = 0;
    bool admitted = false;
    for (std::size_t at = 0; at < stream.size();)
    {
        auto const size = pieces[std::min(piece++, pieces.size() - 1)];
        waiting += stream.substr(at, size);
        at += size;
        for (bool again = true; again;)
        {
            waiting.erase(0, reader.read(waiting));
            again = false;
            if (reader.now() == state::failed)
                return outcome + std::to_string(reader.status()) + " " + reader.why();
            if (reader.now() == state::body && !admitted)
            {
                if (reader.content_length().value_or(0) > body_bytes_max)
                    return outcome + "413";
                reader.admit_body(body_bytes_max);
                again = admitted = true;
            }
            else if (reader.now() == state::complete)
            {
                auto const& request = reader.request();
                outcome +=
                    request.method + " " + request.target + " " + (reader.keep_alive() ? "kept" : "closed");
                for (auto const& header : request.headers)
                    outcome += " " + header.name + "=" + header.value;
                outcome += " '" + request.body + "'\n";
                reader.restart();
                admitted = false;
                again = !waiting.empty();
            }
        }
    }
    return outcome + (reader.now() == state::head ? "in head" : "in body");
}

std::string const stream =
    "POST /a?b HTTP/1.1\r\nHost: h\r\nX-Folded: one\r\n two\r\nContent-Length: 4\r\n\r\nbody"
    "\r\n\r\nGET https://h?q HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    "POST /c HTTP/1.1\r\nhost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=\"y "
    "z\"\r\nabc\r\nA\r\n0123456789\r\n"
    "0;last\r\nX-Trailer: t\r\nConnection: close\r\n\r\n"
    "POST /d HTTP/1.1\r\nhost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    "DELETE /e HTTP/1.1\r\nHost:\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

std::string const read_well =
    "POST /a?b kept Host=h X-Folded=one two Content-Length=4 'body'\n"
    "GET /?q kept Connection=keep-alive ''\n"
    "POST /c closed host=h Transfer-Encoding=Chunked 'abc0123456789'\n"
    "POST /d kept host=h Transfer-Encoding=chunked ''\n"
    "DELETE /e closed Host= Content-Length=0 Connection=close ''\n"
    "in head";

TEST(request_reader, reads_the_same_wherever_the_stream_is_split)
{
    EXPECT_EQ(read_all(stream, {stream.size()}), read_well);
    for (std::size_t first = 1; first < stream.size(); ++first)
        ASSERT_EQ(read_all(stream, {first, stream.size()}), read_well) << first;
    for (std::size_t size = 1; size < 40; ++size)
        ASSERT_EQ(read_all(stream, {size}), read_well) << size;
}

// A request that is understood in one way in one piece and in another way byte by byte is a way to smuggle.
TEST(request_reader, takes_damaged_streams_for_the_same_requests_wherever_they_are_split)
{
    std::mt19937 random(20261120);
    auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    std::string const marks = "\r\n :;,\t0a\"\\";
    auto const requests_of = [](std::string const& outcome)
    { return outcome.substr(0, outcome.rfind('\n') + 1); };
    for (int round = 0; round < 5'000; ++round)
    {
        auto damaged = stream;
        for (auto left = 1 + below(3); left > 0; --left)
        {
            auto const at = below(damaged.size());
            auto const how = below(4);
            auto const mark = below(4) == 0 ? static_cast<char>(random()) : marks[below(marks.size())];
            if (how == 0)
                damaged[at] = mark;
            else if (how == 1)
                damaged.insert(at, 1, mark);
            else if (how == 2)
                damaged.erase(at, 1 + below(8));
            else
                damaged.insert(at, damaged.substr(below(damaged.size()), below(20)));
        }
        auto const whole = read_all(damaged, {damaged.size()});
        ASSERT_EQ(requests_of(read_all(damaged, {1})), requests_of(whole)) << damaged;
        ASSERT_EQ(requests_of(read_all(damaged, {1 + below(50)})), requests_of(whole)) << damaged;
    }
}

TEST(request_reader, knows_its_limits_to_the_byte)
{
    std::string const begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    auto const header_of = [&](std::size_t bytes)
    { return begin + std::string(bytes - begin.size() - 4, 'x') + "\r\n\r\n"; };
    for (std::size_t const piece : {std::size_t(1), std::size_t(100), std::size_t(1000)})
    {
        EXPECT_EQ(read_all(header_of(header_bytes_max), {piece}).substr(0, 10), "GET / kept");
        EXPECT_EQ(
            read_all(header_of(header_bytes_max + 1), {piece}), "431 header over 512 bytes or 128 fields"
        );
        // The request line counts too: Beast applies its own limit to the line and to the fields separately.
        EXPECT_EQ(
            read_all(
                "GET /" + std::string(300, 'p') + " HTTP/1.1\r\nX: " + std::string(300, 'x') + "\r\n", {piece}
            ),
            "431 header over 512 bytes or 128 fields"
        );
    }
    std::string const fields = "GET / HTTP/1.1\r\nHost:\r\n";
    std::string many;
    for (int i = 0; i < 127; ++i)
        many += "a:\r\n";
    // These two need a wider limit of bytes than the others.
    EXPECT_EQ(read_all(fields + many + "\r\n", {1000}, 16384).substr(0, 10), "GET / kept");
    EXPECT_EQ(
        read_all(fields + many + "b:\r\n\r\n", {1000}, 16384), "431 header over 16384 bytes or 128 fields"
    );
    std::string const chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(
        read_all(chunked + "3f\r\n" + std::string(63, 'c') + "\r\n1\r\nd\r\n0\r\n\r\n", {1}).substr(0, 11),
        "POST / kept"
    );
    EXPECT_EQ(
        read_all(chunked + "3f\r\n" + std::string(63, 'c') + "\r\n2\r\n", {1}),
        "413 chunked body over its limit"
    );
}

}  // namespace
}  // namespace linkspan
