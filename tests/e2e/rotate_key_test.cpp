#include "core/base/ids.hpp"
#include "store/links.hpp"
#include "store/store.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"
#include "tests/support/served_program.hpp"

#include <boost/json/parse.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

// Rotation by the real program: kill -9 while serve runs and others write, passphrases at a terminal,
// credentials of a unit.

namespace linkspan::test
{
namespace
{

constexpr int links = 400;
constexpr int rotation_kills = 25;
constexpr char hook_secret[] = "a secret that survives";

time_point at_once()
{
    return parse_time("2026-11-20T09:00:00Z").value();
}

std::string value_of_link(int number)
{
    return "value-" + std::to_string(number);
}

link_id id_of_link(int number)
{
    auto const digits = std::to_string(number);
    return link_id("link" + std::string(12 - digits.size(), 'a') + digits);
}

// Runs the program and kills it after a while; its exit code, 128 + 9 where it was killed.
int run_and_kill(program_profile const& profile, std::string command, milliseconds after)
{
    std::vector<std::string> variables;
    for (auto const& [name, value] : profile.variables)
        variables.push_back(name + "=" + value);
    std::vector<char*> environment;
    for (auto& variable : variables)
        environment.push_back(variable.data());
    environment.push_back(nullptr);
    std::string program = LINKSPAN_PROGRAM;
    char* arguments[] = {program.data(), command.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (int const fd : {0, 1, 2})
        posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    pid_t pid = 0;
    int const failed = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        throw std::runtime_error("cannot start " + program);
    // Until the moment of the kill, or the program's own end before it.
    int const process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    pollfd ended = {process, POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(after.count()));
    ::close(process);
    ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// "/proc/<pid>" of the serve that runs in a profile.
std::string process_of(program_profile const& profile)
{
    auto const state = boost::json::parse(read_file(profile.state() / "serve.json"));
    return "/proc/" + std::to_string(state.at("pid").as_int64());
}

class rotate_key_command : public testing::Test
{
protected:
    rotate_key_command()
    {
        profile.write("hook.secret", hook_secret);
        profile.write_config(R"([server]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"
log_level = "info"
)");
        auto const made = profile.run(
            {"create-link",
             "--template",
             "bitbucket-webhook",
             "--name",
             "hook",
             "--kv",
             "webhook_secret=@" + (profile.folder() / "hook.secret").string()}
        );
        EXPECT_EQ(made.code, 0) << made.err;
    }

    void make_links(int count)
    {
        auto database = command_store::open(profile.database());
        auto const keys = vault::open(profile.master_key());
        database
            ->write<int>(
                at_once(),
                [&](transaction& tx) -> result<int>
                {
                    for (int i = 1; i <= count; ++i)
                    {
                        link_row row;
                        row.id = id_of_link(i);
                        row.template_name = "slack-bot-token";
                        if (auto const done = insert_link(tx, row); !done)
                            return done.error();
                        if (auto const done =
                                put_field(tx, *keys, row.id, "bot_token", secret(value_of_link(i)));
                            !done)
                            return done.error();
                    }
                    return 0;
                }
            )
            .value();
    }

    // How many of the values that were made open with these keys.
    int opened_by(vault const& keys, std::string& failure)
    {
        auto database = command_store::open(profile.database());
        return database
            ->read<int>(
                at_once(),
                [&](transaction& tx) -> result<int>
                {
                    int opened = 0;
                    for (int i = 1; i <= links; ++i)
                    {
                        auto const fields = open_fields(tx, keys, id_of_link(i));
                        if (fields && fields->contains("bot_token") &&
                            fields->at("bot_token").reveal() == value_of_link(i))
                            ++opened;
                        else
                            failure = fields ? "another value" : fields.error().message;
                    }
                    return opened;
                }
            )
            .value();
    }

    std::string write_private(std::string const& name, std::string const& text)
    {
        auto const file = profile.write(name, text);
        std::filesystem::permissions(file, std::filesystem::perms(0600));
        return file.string();
    }

    int status_of_delivery(served_program const& program, std::string const& key)
    {
        auto const step = step_of(edition::cloud, "opened", ++delivery_, at_once());
        return exchange_with(
                   delivery_to(program.public_url(), "hook", edition::cloud, step.event_key, step.body, key)
        )
            .status;
    }

    program_profile profile;
    int delivery_ = 0;
};

TEST_F(rotate_key_command, killed_at_any_moment_while_serve_runs_loses_nothing)
{
    make_links(links);
    served_program program(profile);
    std::mt19937 random(7);
    std::vector<vault> old_keys;
    std::string failure;
    int killed = 0;
    int in_between = 0;
    for (int i = 0; i < rotation_kills; ++i)
    {
        old_keys.push_back(vault::open(profile.master_key()).value());
        auto const code = run_and_kill(profile, "rotate-key", milliseconds(3 + random() % 60));
        ASSERT_TRUE(code == 0 || code == 128 + SIGKILL) << code;
        killed += code == 0 ? 0 : 1;
        auto const keys = vault::open(profile.master_key());
        ASSERT_TRUE(keys) << keys.error().message;
        in_between += keys->key_ids().size() > 1 ? 1 : 0;
        ASSERT_EQ(opened_by(*keys, failure), links) << "kill " << i << ": " << failure;
        // Others seal meanwhile, with whatever key it is.
        auto const set =
            profile.run({"set-creds", "hook", "--kv", "webhook_secret=-"}, "secret " + std::to_string(i));
        ASSERT_EQ(set.code, 0) << set.err;
        ASSERT_TRUE(
            eventually([&] { return status_of_delivery(program, "secret " + std::to_string(i)) == 202; })
        ) << served_program::log_of(profile);
    }
    EXPECT_GT(killed, 0);
    std::printf(
        "report: kill -9 of rotate-key %d times while serve ran: %d cut it off, %d left two keys in the "
        "file; %d of "
        "%d values open\n",
        rotation_kills,
        killed,
        in_between,
        opened_by(vault::open(profile.master_key()).value(), failure),
        links
    );
    auto const before = vault::open(profile.master_key()).value();
    if (before.key_ids().size() == 1)
        old_keys.push_back(before);
    auto const ended = profile.run({"rotate-key", "--json"});
    ASSERT_EQ(ended.code, 0) << ended.err;
    auto const keys = vault::open(profile.master_key()).value();
    EXPECT_EQ(keys.key_ids(), std::vector<std::string>{std::string(ended.json().at("key_id").as_string())});
    EXPECT_EQ(opened_by(keys, failure), links) << failure;
    for (auto const& old : old_keys)
        if (!old.holds(keys.key_id()))
        {
            EXPECT_EQ(opened_by(old, failure), 0) << "an old key opens something";
        }
    // serve goes on with the new key.
    EXPECT_EQ(profile.run({"set-creds", "hook", "--kv", "webhook_secret=-"}, "the last one").code, 0);
    EXPECT_TRUE(eventually([&] { return status_of_delivery(program, "the last one") == 202; }));
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(), 0);
    EXPECT_EQ(served_program::log_of(profile).find("link left out"), std::string::npos)
        << served_program::log_of(profile);
}

// --- passphrases
// --------------------------------------------------------------------------------------------------

TEST_F(rotate_key_command, locks_the_file_with_a_passphrase_that_is_typed)
{
    auto const differs = profile.run_on_terminal(
        {"rotate-key", "--lock"}, {{"New passphrase", "correct horse\n"}, {"Once more", "correct house\n"}}
    );
    EXPECT_EQ(differs.code, 2);
    EXPECT_NE(differs.err.find("not the same"), std::string::npos) << differs.err;
    EXPECT_EQ(differs.err.find("horse"), std::string::npos) << "what is typed is not shown";
    auto const brief = profile.run_on_terminal({"rotate-key", "--lock"}, {{"New passphrase", "horse\n"}});
    EXPECT_EQ(brief.code, 2);
    EXPECT_NE(brief.err.find("too short"), std::string::npos) << brief.err;
    auto const locked = profile.run_on_terminal(
        {"rotate-key", "--lock"}, {{"New passphrase", "correct horse\n"}, {"Once more", "correct horse\n"}}
    );
    ASSERT_EQ(locked.code, 0) << locked.err;
    EXPECT_NE(locked.err.find("sealed anew: 1"), std::string::npos) << "progress, at a terminal";
    EXPECT_TRUE(read_file(profile.master_key()).starts_with("linkspan-master-key-scrypt-1 "));

    auto const opened = profile.run_on_terminal(
        {"get-creds", "hook", "webhook_secret", "--reveal"},
        {{"Passphrase of the master key", "correct horse\n"}}
    );
    EXPECT_EQ(opened.code, 0) << opened.err;
    EXPECT_NE(opened.out.find(hook_secret), std::string::npos) << opened.out;
    auto const wrong =
        profile.run_on_terminal({"get-creds", "hook"}, {{"Passphrase of the master key", "correct house\n"}});
    EXPECT_EQ(wrong.code, 5);
    EXPECT_NE(wrong.err.find("the passphrase does not open the master key"), std::string::npos) << wrong.err;
    auto const nobody = profile.run({"get-creds", "hook"});
    EXPECT_EQ(nobody.code, 2);
    EXPECT_NE(nobody.err.find("give it with --passphrase-file"), std::string::npos) << nobody.err;
    EXPECT_EQ(nobody.err.find("horse"), std::string::npos);
    EXPECT_NE(profile.run({"serve"}).err.find("--passphrase-file"), std::string::npos);
}

TEST_F(rotate_key_command, rotates_a_locked_file_and_unlocks_it)
{
    auto const words = write_private("words", "correct horse\n");
    ASSERT_EQ(profile.run({"rotate-key", "--lock", "--new-passphrase-file", words}).code, 0);
    profile.variables["LINKSPAN_PASSPHRASE_FILE"] = words;
    {
        served_program program(profile);
        ASSERT_TRUE(eventually([&] { return status_of_delivery(program, hook_secret) == 202; }));
        auto const rotated = profile.run({"rotate-key"});
        ASSERT_EQ(rotated.code, 0) << rotated.err;
        EXPECT_TRUE(read_file(profile.master_key()).starts_with("linkspan-master-key-scrypt-1 "));
        EXPECT_EQ(profile.run({"set-creds", "hook", "--kv", "webhook_secret=-"}, "another").code, 0);
        EXPECT_TRUE(eventually([&] { return status_of_delivery(program, "another") == 202; }))
            << served_program::log_of(profile);
    }
    auto const judged = profile.run({"check", "--json"});
    EXPECT_EQ(judged.code, 0) << judged.out;
    EXPECT_EQ(
        judged.json().at("master_key").as_string(),
        "key file " + profile.master_key().string() + ", locked with a passphrase"
    );
    ASSERT_EQ(profile.run({"rotate-key", "--unlock"}).code, 0);
    EXPECT_TRUE(read_file(profile.master_key()).starts_with("linkspan-master-key-1 "));
    profile.variables.erase("LINKSPAN_PASSPHRASE_FILE");
    EXPECT_EQ(profile.run({"get-creds", "hook"}).code, 0);
    EXPECT_EQ(profile.run({"rotate-key", "--new-passphrase-file", words}).code, 2);
    EXPECT_EQ(profile.run({"rotate-key", "--lock", "--unlock"}).code, 2);
}

// --- the credential of a unit
// -------------------------------------------------------------------------------------

TEST_F(rotate_key_command, keeps_to_the_sentence_where_only_the_unit_sees_the_key)
{
    std::filesystem::create_directory(profile.folder() / "credentials");
    auto const credential = profile.folder() / "credentials" / "linkspan-master-key";
    std::filesystem::rename(profile.master_key(), credential);
    profile.variables["CREDENTIALS_DIRECTORY"] = (profile.folder() / "credentials").string();
    {
        served_program program(profile);
        EXPECT_EQ(status_of_delivery(program, hook_secret), 202);
    }
    auto const judged = profile.run({"check"});
    EXPECT_NE(judged.out.find("Master key: systemd credential linkspan-master-key."), std::string::npos)
        << judged.out;
    auto const refused = profile.run({"rotate-key"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(
        refused.err.find("systemd credential, which linkspan cannot write; give --key-file"),
        std::string::npos
    ) << refused.err;

    profile.variables.erase("CREDENTIALS_DIRECTORY");
    for (auto const& arguments :
         {std::vector<std::string>{"set-creds", "hook", "--kv", "webhook_secret=-"},
          {"get-creds", "hook"},
          {"create-link", "--template", "bitbucket-webhook", "--kv", "webhook_secret=-"},
          {"rotate-key"},
          {"send-sample", "hook"}})
    {
        auto const failed = profile.run(arguments, "other");
        EXPECT_EQ(failed.code, 3) << arguments[0] << failed.err;
        EXPECT_NE(
            failed.err.find(
                "the master key is a systemd credential, which only the unit sees; give --key-file"
            ),
            std::string::npos
        ) << arguments[0]
          << failed.err;
    }
    EXPECT_NE(
        profile.run({"check"}).out.find("systemd credential linkspan-master-key (only the unit sees it)"),
        std::string::npos
    );
    auto const copy = write_private("copy.key", read_file(credential));
    EXPECT_EQ(
        profile.run({"--key-file", copy, "set-creds", "hook", "--kv", "webhook_secret=-"}, "another").code, 0
    );
    auto const rotated = profile.run({"rotate-key", "--key-file", copy});
    EXPECT_EQ(rotated.code, 0) << rotated.err;
    EXPECT_NE(rotated.err.find("make its credential of this file, then restart it"), std::string::npos);
}

// --- what is left behind
// ------------------------------------------------------------------------------------------

TEST_F(rotate_key_command, serve_leaves_no_core_dump)
{
    rlimit allowed = {};
    ::getrlimit(RLIMIT_CORE, &allowed);
    auto more = allowed;
    more.rlim_cur = more.rlim_max;
    ::setrlimit(RLIMIT_CORE, &more);
    served_program const program(profile);
    ::setrlimit(RLIMIT_CORE, &allowed);
    auto const limits = read_file(process_of(profile) + "/limits");
    auto const line = limits.substr(limits.find("Max core file size"));
    EXPECT_TRUE(line.starts_with("Max core file size        0                    0  ")) << line.substr(0, 80);
}

// Of this thread and what it starts: root reads the memory of every process by this right.
void drop_right_to_trace()
{
    (void)::prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0);
    __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct rights[2] = {};
    ASSERT_EQ(::syscall(SYS_capget, &head, rights), 0);
    auto const kept = ~(1u << CAP_SYS_PTRACE);
    rights[0].effective &= kept;
    rights[0].permitted &= kept;
    rights[0].inheritable &= kept;
    ASSERT_EQ(::syscall(SYS_capset, &head, rights), 0);
}

// 0, or why this thread may not read the memory of a process, as a debugger does.
int read_memory_of(std::string const& process)
{
    int const fd = ::open((process + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    ::close(fd);
    return 0;
}

TEST_F(rotate_key_command, serve_is_closed_to_debuggers_of_its_own_user)
{
    auto const look = [this]
    {
        drop_right_to_trace();
        child_process const other({"/bin/sleep", "60"});
        EXPECT_EQ(read_memory_of("/proc/" + std::to_string(other.pid())), 0) << "of any other process it may";
        served_program const program(profile);
        EXPECT_EQ(read_memory_of(process_of(profile)), EACCES);
    };
    std::thread(look).join();
}

}  // namespace
}  // namespace linkspan::test
