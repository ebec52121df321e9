#pragma once
#include "core/base/time.hpp"
#include "store/store.hpp"
#include "tests/support/environment.hpp"

#include <filesystem>
#include <type_traits>

namespace linkspan::test
{

// The instance that stored things are of.
inline constexpr char const* cloud = "bitbucket.org";

// A database with the schema in a folder of its own, and a clock that only the test moves.
class scratch_store
{
public:
    scratch_store() : opened_(command_store::open(file()).value()) {}

    std::filesystem::path file() const { return folder_.path() / "linkspan.db"; }
    std::filesystem::path folder() const { return folder_.path(); }

    // Runs work, which takes a transaction& and returns a result, in a transaction of its own.
    template <class F>
    auto tell(F work)
    {
        using answer = typename std::invoke_result_t<F, transaction&>::value_type;
        return opened_.write<answer>(now, std::function<result<answer>(transaction&)>(std::move(work)));
    }

    // The first column of the first row; 0 where there is none.
    std::int64_t count(char const* sql);
    void change(std::string const& sql);

    time_point now = parse_time("2026-11-20T09:30:00Z").value();

private:
    temporary_folder folder_;
    command_store opened_;
};

// A second connection to a database, as another process has it.
std::unique_ptr<database> open_beside(std::filesystem::path const& file);

// The number that a query gives on a connection.
std::int64_t ask(database& on, char const* sql);

}  // namespace linkspan::test
