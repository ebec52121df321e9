#pragma once
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

namespace linkspan::test
{

// The real app on a virtual clock that a simulated Bitbucket shares. Who makes it gives links, sources and
// the hook's place.
class app_world
{
public:
    app_world();
    virtual ~app_world();
    app_world(app_world const&) = delete;
    app_world& operator=(app_world const&) = delete;

    // Starts the app, or starts it again, where the clock stands now.
    void start();
    void stop();

    // Lets time pass for both. The app has begun what is due when it returns.
    void advance(milliseconds duration);

    // Waits, without letting time pass, until the app has nothing left to do now: no row of the inbox waits,
    // and nothing is asked for. False where that takes too long.
    bool settle();

    // Lets time pass up to this moment, and settles each time that something of the app is due before.
    void pass_until(time_point moment);

    bool becomes(std::string const& rows, std::int64_t count);

    // Lets time pass in steps until the rows are as many.
    bool becomes_in_time(std::string const& rows, std::int64_t count, milliseconds step);

    std::int64_t events(std::string const& kind);
    // How the only event of this kind came: "webhook", "poll", "catch_up".
    std::string origin_of(std::string const& kind);

    time_point now() const { return from_milliseconds(now_.load()); }

    std::atomic<std::int64_t> now_;
    test_profile profile;
    config settings;
    std::unique_ptr<running_app> app;

private:
    // The app listens at another place than before.
    virtual void place_hook(std::string const& url) = 0;
};

}  // namespace linkspan::test
