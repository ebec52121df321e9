#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/paths.hpp"
#include "core/base/ids.hpp"
#include "store/database.hpp"
#include "tests/support/environment.hpp"

#include <functional>
#include <map>
#include <string>

namespace linkspan::test
{

// Of the real clock, as precise as stored moments are.
time_point real_time();

// A throw-away profile: folders, a master key and a database with the links that a test makes. Works beside a
// running app as a command would.
class test_profile
{
public:
    test_profile();

    profile_paths const& paths() const { return paths_; }

    // Makes a link as `linkspan create-link` does.
    link_id add_link(
        std::string const& template_name,
        std::string const& name,
        std::map<std::string, std::string> const& fields,
        bool allow_unsigned = false
    );
    void set_field(link_id const& id, std::string const& field, std::string const& value);

    // Runs work in a transaction of a connection of its own; fails the test with the error.
    void write(std::function<result<bool>(transaction&)> const& work);

    void execute(std::string const& sql);

    // Runs body while another connection holds the database's write lock.
    void hold_database(std::function<void()> const& body);

    // The first column of the first row of a query, as text; empty where there is none.
    std::string query(std::string const& sql);
    std::int64_t count(std::string const& sql);

private:
    temporary_folder folder_;
    profile_paths paths_;
};

// A configuration on loopback ports that the kernel chooses, with short waits.
config quick_config();
void add_source(config& into, std::string const& link, edition kind, std::string const& instance);
void add_destination(
    config& into, std::string const& name, std::string const& link, std::string const& channel = {}
);
rule& add_rule(config& into, std::string const& destination);

}  // namespace linkspan::test
