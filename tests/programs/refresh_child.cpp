#include "tests/support/authorized_link.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

// A process that gets tokens, for tests that end processes or let them meet:
//   refresh_child DATABASE KEY LINK die-at STEP    kills itself at that step; before and behind each
//                                                  transaction is one, and between two of them is the call
//   refresh_child DATABASE KEY LINK callers COUNT MARKER
//                                                  that many at once; 0 when all got the second token. Makes
//                                                  the file once it has found another's refresh under way

int main(int argc, char** argv)
{
    using namespace linkspan;
    if (argc != 6 && argc != 7)
        return 2;
    profile_paths paths;
    paths.database = argv[1];
    paths.master_key = argv[2];
    std::string const what = argv[4];
    int const number = std::stoi(argv[5]);
    test::keeper_bench bench(paths);
    auto const link = test::open_link_of(paths, link_id(argv[3]));
    int step = 0;
    if (what == "die-at")
        bench.at_store = [&]
        {
            if (++step == number)
                ::kill(::getpid(), SIGKILL);
        };
    // Who refreshes is at the store four times, before and behind its look and its begin, and then at the
    // call. Only who waits for the other looks on.
    constexpr int looks_of_a_waiter = 6;
    if (argc == 7)
        bench.at_store = [&, marker = std::string(argv[6])]
        {
            if (++step == looks_of_a_waiter)
                std::ofstream(marker).put('x');
        };
    for (auto const& got : bench.tokens_of(link, what == "callers" ? static_cast<std::size_t>(number) : 1))
        if (!got || got->generation != 2)
        {
            std::fprintf(stderr, "%s\n", got ? "another token" : got.error().message.c_str());
            return 1;
        }
    bench.worked(link, 2);
    return 0;
}
