#include "tests/bench/wire.hpp"

#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>

// bench_sink MESSAGES: answers like Slack's chat.postMessage, to so many messages. Prints its port at once;
// holds all answers back until SIGUSR1; after the last one prints "MESSAGES SECONDS FAULTS": the seconds
// since the signal, and how many messages were not the next of their conversation. A message says which it
// is: "bench 17 of 3" is number 17 of conversation 3.

namespace linkspan::bench
{
namespace
{

using clock = std::chrono::steady_clock;

constexpr std::string_view answer_body = R"({"ok":true,"channel":"C0BENCH","ts":"1700000000.000100"})";

class sink
{
public:
    explicit sink(std::size_t wanted) : wanted_(wanted) {}

    void open()
    {
        std::scoped_lock const lock(mutex_);
        is_open_ = true;
        opened_ = clock::now();
        changed_.notify_all();
    }

    // Answers one connection until the peer closes it.
    void serve(int socket)
    {
        wire peer(socket);
        auto const answer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " +
            std::to_string(answer_body.size()) + "\r\n\r\n" + std::string(answer_body);
        for (;;)
        {
            auto const message = peer.read();
            if (message.empty())
                return;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return is_open_; });
                note(message);
            }
            if (!peer.write(answer))
                return;
        }
    }

    void wait_and_report()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return count_ >= wanted_; });
        std::chrono::duration<double> const took = last_ - opened_;
        std::printf("%zu %.3f %zu\n", count_, took.count(), faults_);
        std::fflush(stdout);
    }

private:
    void note(std::string_view message)
    {
        static constexpr std::string_view mark = "bench ";
        static constexpr std::string_view between = " of ";
        ++count_;
        last_ = clock::now();
        auto const at = message.find(mark);
        auto const split = at == message.npos ? at : message.find(between, at);
        if (split == message.npos)
            ++faults_;
        else
        {
            auto const number = number_of<long>(message.substr(at + mark.size(), split - at - mark.size()));
            auto rest = message.substr(split + between.size());
            auto const conversation = number_of<long>(rest.substr(0, rest.find_first_not_of("0123456789")));
            if (++seen_[conversation] != number)
                ++faults_;
        }
        if (count_ >= wanted_)
            changed_.notify_all();
    }

    std::size_t wanted_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_open_ = false;
    std::size_t count_ = 0;
    std::size_t faults_ = 0;
    std::map<long, long> seen_;
    clock::time_point opened_;
    clock::time_point last_;
};

int run(int argc, char** argv)
{
    if (argc != 2)
        throw std::runtime_error("usage: bench_sink MESSAGES");
    sigset_t opening = {};
    ::sigemptyset(&opening);
    ::sigaddset(&opening, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &opening, nullptr);

    int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, raw, size) != 0 || ::listen(listener, 128) != 0 ||
        ::getsockname(listener, raw, &size) != 0)
        throw std::runtime_error("cannot listen");
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);

    static sink target(number_of<std::size_t>(argv[1]));  // outlives the threads, which nobody joins
    std::thread(
        [listener]
        {
            for (int peer = 0; (peer = ::accept(listener, nullptr, nullptr)) >= 0;)
                std::thread([peer] { target.serve(peer); }).detach();
        }
    ).detach();
    int signal = 0;
    ::sigwait(&opening, &signal);
    target.open();
    target.wait_and_report();
    // The last answers are still being written: whoever started this ends it.
    ::sigwait(&opening, &signal);
    return 0;
}

}  // namespace
}  // namespace linkspan::bench

int main(int argc, char** argv)
{
    try
    {
        auto const status = linkspan::bench::run(argc, argv);
        std::_Exit(status);
    }
    catch (std::exception const& failure)
    {
        std::fprintf(stderr, "bench_sink: %s\n", failure.what());
        return 1;
    }
}
