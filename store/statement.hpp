#pragma once
#include "core/base/error.hpp"
#include "store/database.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace linkspan
{

// The only table of SQLite's codes: what went wrong while `doing` it, as far as a caller can act on it.
error from_sqlite(SQLite::Exception const& failure, std::string_view doing);

// Runs a body that uses SQLiteCpp and turns what it throws into an error.
template <class F>
auto guarded(std::string_view doing, F body) -> decltype(body())
{
    try
    {
        return body();
    }
    catch (SQLite::Exception const& failure)
    {
        return from_sqlite(failure, doing);
    }
}

inline void bind_one(SQLite::Statement& statement, int index, std::string_view value)
{
    statement.bind(index, std::string(value));
}
inline void bind_one(SQLite::Statement& statement, int index, std::int64_t value)
{
    statement.bind(index, value);
}
inline void bind_one(SQLite::Statement& statement, int index, int value)
{
    statement.bind(index, value);
}
inline void bind_one(SQLite::Statement& statement, int index, bool value)
{
    statement.bind(index, value ? 1 : 0);
}
inline void bind_one(SQLite::Statement& statement, int index, time_point value)
{
    statement.bind(index, std::int64_t(to_milliseconds(value)));
}

// The bytes of a blob, not copied: they must outlive the step.
struct blob_view
{
    std::string_view bytes;

    explicit blob_view(std::string_view bytes) : bytes(bytes) {}
};
inline void bind_one(SQLite::Statement& statement, int index, blob_view value)
{
    statement.bindNoCopy(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
}

template <class T>
void bind_one(SQLite::Statement& statement, int index, std::optional<T> const& value)
{
    if (value)
        bind_one(statement, index, *value);
    else
        statement.bind(index);
}

// The statement of a fixed text with its parameters bound in order.
template <class... Values>
SQLite::Statement& bound(transaction& tx, char const* sql, Values const&... values)
{
    auto& statement = tx.prepare(sql);
    int index = 0;
    (bind_one(statement, ++index, values), ...);
    return statement;
}

inline std::string text_at(SQLite::Statement& statement, int column)
{
    return statement.getColumn(column).getString();
}

inline std::optional<std::string> optional_text_at(SQLite::Statement& statement, int column)
{
    auto const cell = statement.getColumn(column);
    return cell.isNull() ? std::nullopt : std::optional<std::string>(cell.getString());
}

inline std::int64_t number_at(SQLite::Statement& statement, int column)
{
    return statement.getColumn(column).getInt64();
}

inline time_point time_at(SQLite::Statement& statement, int column)
{
    return from_milliseconds(statement.getColumn(column).getInt64());
}

inline std::optional<time_point> optional_time_at(SQLite::Statement& statement, int column)
{
    return statement.isColumnNull(column) ? std::nullopt : std::optional(time_at(statement, column));
}

}  // namespace linkspan
