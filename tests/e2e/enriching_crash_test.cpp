#include "tests/support/gate.hpp"
#include "tests/support/served_cloud.hpp"

// kill -9 of a real process while a message waits for the changed files: it is there behind a restart, is
// decided, and goes out once.

namespace linkspan::test
{
namespace
{

constexpr int waiting_kills = 3;

struct killed_while_waiting : served_cloud
{
    ~killed_while_waiting() override { door.open(); }

    gate door;
};

TEST_F(killed_while_waiting, loses_no_message_and_sends_none_twice)
{
    configure(
        "repositories = [\"acme/api\"]\n"
        "[[destination]]\nname = \"terminal\"\nlink = \"here\"\n"
        "[[rule]]\nkinds = [\"pull_request.opened\"]\npaths = [\"src/**\"]\ndestinations = [\"terminal\"]\n"
    );
    create("console", "here", {});
    cloud.add_hook("http://127.0.0.1:1", webhook_key);
    cloud.set_before_answer(
        [this](cloud_call call)
        {
            if (call == cloud_call::diffstat)
                door.pass();
        }
    );
    std::string printed;
    for (int number = 1; number <= waiting_kills; ++number)
    {
        door.close();
        {
            served_program program(profile);
            turn_hooks_to(program);
            cloud.open_pull_request("api", "Mend the gate");
            for (auto const& one : cloud.deliver_pending())
                ASSERT_EQ(one.fate, hook_fate::accepted) << served_program::log_of(profile);
            ASSERT_TRUE(eventually([&] { return count("delivery WHERE needs = 'changed_paths'") == 1; }));
            program.kill_hard();
        }
        EXPECT_EQ(count("delivery WHERE state = 0"), 1);
        door.open();
        served_program again(profile);
        EXPECT_TRUE(eventually([&] { return count("delivery WHERE state = 1") == number; }))
            << served_program::log_of(profile);
        again.signal(SIGTERM);
        EXPECT_EQ(again.wait(), 0);
        auto const out = served_program::output_of(profile);
        auto const words = "opened #" + std::to_string(number) + " ";
        auto const told = out.find(words);
        ASSERT_NE(told, std::string::npos) << out;
        EXPECT_EQ(out.find(words, told + 1), std::string::npos) << out;
    }
    EXPECT_EQ(count("event WHERE kind = 'pull_request.opened'"), waiting_kills);
    EXPECT_EQ(count("delivery"), waiting_kills);
}

}  // namespace
}  // namespace linkspan::test
