#include "tests/bench/wire.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

// bench_load PORT PATH FILE REQUESTS CONNECTIONS: sends exactly so many signed deliveries, each under an id
// of its own, and prints how many were answered 2xx. Unlike wrk it drops nothing at its end, so that what was
// answered can be compared with what was kept. Each line of FILE is "event key, tab, signature, tab, body";
// connection k sends the lines k, k + CONNECTIONS, ... in order, each after the answer to the one before, and
// begins again at the end of the file.

namespace linkspan::bench
{
namespace
{

struct delivery
{
    std::string head;  // up to the value of X-Request-UUID
    std::string rest;  // from behind it
};

std::vector<delivery> read_deliveries(char const* file, std::string const& path)
{
    std::vector<delivery> out;
    std::ifstream in(file);
    for (std::string key, signature, body;
         std::getline(in, key, '\t') && std::getline(in, signature, '\t') && std::getline(in, body);)
    {
        auto& one = out.emplace_back();
        one.head = "POST " + path +
                   " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Event-Key: " + key +
                   "\r\nX-Hub-Signature: " + signature +
                   "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nX-Request-UUID: ";
        one.rest = "\r\n\r\n" + body;
    }
    if (out.empty())
        throw std::runtime_error("there are no deliveries in the file");
    return out;
}

std::string random_id(std::mt19937_64& random)
{
    std::array<char, 40> text{};
    auto const high = random();
    auto const low = random();
    std::snprintf(
        text.data(),
        text.size(),
        "%08x-%04x-4%03x-%04x-%012llx",
        static_cast<unsigned>(high >> 32),
        static_cast<unsigned>(high >> 16 & 0xffff),
        static_cast<unsigned>(high & 0xfff),
        static_cast<unsigned>(low >> 48 & 0x3fff) | 0x8000,
        static_cast<unsigned long long>(low & 0xffffffffffff)
    );
    return text.data();
}

// How many of its requests one connection got a 2xx for.
std::size_t send_all(
    std::uint16_t port,
    std::vector<delivery> const& deliveries,
    std::size_t first,
    std::size_t step,
    std::size_t count
)
{
    int const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    wire peer(socket);
    auto const address = loopback(port);
    if (::connect(socket, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0)
        return 0;
    std::mt19937_64 random(std::random_device{}());
    std::size_t good = 0;
    std::string request;
    for (std::size_t sent = 0; sent < count; ++sent)
    {
        auto const& next = deliveries[(first + sent * step) % deliveries.size()];
        request.assign(next.head).append(random_id(random)).append(next.rest);
        if (!peer.write(request))
            break;
        auto const answer = peer.read();
        if (answer.empty())
            break;
        if (answer.starts_with("HTTP/1.1 2"))
            ++good;
    }
    return good;
}

int run(int argc, char** argv)
{
    if (argc != 6)
        throw std::runtime_error("usage: bench_load PORT PATH FILE REQUESTS CONNECTIONS");
    auto const port = number_of<std::uint16_t>(argv[1]);
    auto const deliveries = read_deliveries(argv[3], argv[2]);
    auto const requests = number_of<std::size_t>(argv[4]);
    auto const connections = number_of<std::size_t>(argv[5]);
    std::atomic<std::size_t> good{0};
    std::vector<std::thread> threads;
    for (std::size_t index = 0; index < connections; ++index)
    {
        auto const count = requests / connections + (index < requests % connections ? 1 : 0);
        threads.emplace_back([&, index, count]
                             { good += send_all(port, deliveries, index, connections, count); });
    }
    for (auto& one : threads)
        one.join();
    std::printf("%zu\n", good.load());
    return 0;
}

}  // namespace
}  // namespace linkspan::bench

int main(int argc, char** argv)
{
    try
    {
        return linkspan::bench::run(argc, argv);
    }
    catch (std::exception const& failure)
    {
        std::fprintf(stderr, "bench_load: %s\n", failure.what());
        return 1;
    }
}
