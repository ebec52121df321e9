#include "cmd/linkspan/profile_store.hpp"
#include "tests/support/authorized_link.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <stdexcept>

// ./dev bench links. Prints figures; ends with status 1 where 200 callers cause more than one refresh, or
// somebody gets no token.

namespace linkspan::test
{
namespace
{

using clock = std::chrono::steady_clock;

constexpr int links_with_tokens = 1'000;
constexpr int links_to_list = 10'000;
constexpr std::size_t callers = 200;
constexpr int listings = 7;

double milliseconds_since(clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(clock::now() - begin).count();
}

std::vector<link_id> make_links(test_profile& profile, int count)
{
    profile.add_link("bitbucket-webhook", "first", {{"webhook_secret", "makes the database and the key"}});
    auto const keys = find_vault(profile.paths()).value();
    token_set tokens;
    tokens.access_token = secret(std::string(2'500, 'a'));
    tokens.refresh_token = secret(std::string(64, 'r'));
    tokens.token_type = "Bearer";
    tokens.obtained_at = system_now();
    tokens.expires_at = tokens.obtained_at + std::chrono::hours(2);
    std::vector<link_id> ids;
    profile.write(
        [&](transaction& tx) -> result<bool>
        {
            for (int i = 0; i < count; ++i)
            {
                link_row row;
                std::array<std::uint8_t, 10> random{};
                fill_random(random);
                row.id = make_link_id(random);
                row.name = "link-" + std::to_string(i);
                row.template_name = "bitbucket-app-oauth";
                if (auto const made = insert_link(tx, row); !made)
                    return made.error();
                for (auto const* field : {"client_id", "client_secret"})
                    if (auto const put = put_field(tx, keys, row.id, field, secret("a value")); !put)
                        return put.error();
                if (auto const kept = put_consent(tx, keys, row.id, tokens); !kept)
                    return kept.error();
                ids.push_back(row.id);
            }
            return true;
        }
    );
    return ids;
}

void expect(bool holds, std::string const& what)
{
    if (!holds)
        throw std::runtime_error(what);
}

void measure_tokens()
{
    test_profile profile;
    auto const ids = make_links(profile, links_with_tokens);
    std::vector<open_link> links;
    for (auto const& id : ids)
        links.push_back(open_link_of(profile.paths(), id));
    keeper_bench bench(profile.paths());
    double took[2] = {};
    for (auto& one : took)
    {
        auto const begin = clock::now();
        for (auto const& link : links)
            expect(bench.token_of(link).has_value(), "a link gives no token");
        one = milliseconds_since(begin) * 1'000 / links_with_tokens;
    }
    std::printf("token of a link, 1,000 links, each read and opened   %8.1f us\n", took[0]);
    std::printf(
        "the same again, from memory                          %8.1f us   ratio %.3f\n",
        took[1],
        took[1] / took[0]
    );
}

void measure_callers()
{
    test_profile profile;
    oauth_provider provider;
    auto const id = add_authorized_link(profile, provider, system_now() - std::chrono::hours(2));
    auto const link = open_link_of(profile.paths(), id);
    keeper_bench bench(profile.paths());
    auto const begin = clock::now();
    std::set<std::string> tokens;
    for (auto const& got : bench.tokens_of(link, callers))
    {
        expect(got.has_value(), "a caller gets no token");
        tokens.emplace(got->tokens.access_token.reveal());
    }
    auto const calls = provider.calls(provider_call::refresh);
    std::printf(
        "200 callers at the end of a token                    %8.1f ms   %zu refresh\n",
        milliseconds_since(begin),
        calls
    );
    expect(calls == 1 && tokens.size() == 1, "200 callers caused more than one refresh");
}

double list_once(std::vector<std::string> arguments)
{
    std::vector<char*> argv;
    for (auto& one : arguments)
        argv.push_back(one.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    auto const begin = clock::now();
    pid_t pid = -1;
    expect(
        ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) == 0,
        "the program does not start"
    );
    int status = 0;
    ::waitpid(pid, &status, 0);
    ::posix_spawn_file_actions_destroy(&actions);
    expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "list-links fails");
    return milliseconds_since(begin);
}

void measure_listing()
{
    auto const* program = std::getenv("LINKSPAN_PROGRAM");
    expect(program != nullptr, "LINKSPAN_PROGRAM is not set");
    test_profile profile;
    make_links(profile, links_to_list);
    std::vector<std::string> const arguments = {
        program,
        "--database",
        profile.paths().database.string(),
        "--key-file",
        profile.paths().master_key.string(),
        "list-links"};
    std::vector<double> took;
    for (int i = 0; i < listings; ++i)
        took.push_back(list_once(arguments));
    std::ranges::sort(took);
    test_profile empty;
    make_links(empty, 0);
    auto nothing = arguments;
    nothing[2] = empty.paths().database.string();
    nothing[4] = empty.paths().master_key.string();
    std::printf(
        "linkspan list-links, 10,000 links, median of 7       %8.1f ms   (no link: %.1f ms)\n",
        took[took.size() / 2],
        list_once(nothing)
    );
}

int run_bench()
{
    try
    {
        measure_tokens();
        measure_callers();
        measure_listing();
        return 0;
    }
    catch (std::exception const& fault)
    {
        std::fprintf(stderr, "bench links: %s\n", fault.what());
        return 1;
    }
}

}  // namespace
}  // namespace linkspan::test

int main()
{
    return linkspan::test::run_bench();
}
