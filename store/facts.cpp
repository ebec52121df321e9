#include "store/facts.hpp"

#include "store/statement.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace linkspan
{
namespace
{

namespace json = boost::json;

struct fact_row
{
    json::array items;
    std::string fault;
};

error wrong_fact()
{
    return error(errc::invalid, "a known fact is not the list that this program writes");
}

result<> keep_fact(
    transaction& tx, fact_question const& asked, json::array const& items, std::string const& fault
)
{
    return guarded(
        "keep a fact",
        [&]() -> result<>
        {
            bound(
                tx,
                "INSERT OR REPLACE INTO known_fact (instance, repository, subject, old_commit, new_commit, "
                "json, "
                "fault, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                asked.instance,
                asked.repository,
                name_of(asked.subject),
                asked.before,
                asked.after,
                json::serialize(items),
                fault,
                tx.now()
            )
                .exec();
            return {};
        }
    );
}

result<std::optional<fact_row>> find_fact(transaction& tx, fact_question const& asked)
{
    return guarded(
        "find a fact",
        [&]() -> result<std::optional<fact_row>>
        {
            auto& statement = bound(
                tx,
                "SELECT json, fault FROM known_fact WHERE instance = ? AND repository = ? AND subject = ? "
                "AND "
                "old_commit = ? AND new_commit = ?",
                asked.instance,
                asked.repository,
                name_of(asked.subject),
                asked.before,
                asked.after
            );
            if (!statement.executeStep())
                return std::optional<fact_row>();
            fact_row out;
            out.fault = text_at(statement, 1);
            boost::system::error_code failure;
            auto read = json::parse(text_at(statement, 0), failure);
            statement.reset();
            if (failure || !read.is_array())
                return wrong_fact();
            out.items = std::move(read.get_array());
            return std::optional(std::move(out));
        }
    );
}

// A text member; nothing where there is none.
std::optional<std::string> fact_text(json::object const& in, json::string_view name)
{
    auto const* found = in.if_contains(name);
    if (found == nullptr || !found->is_string())
        return std::nullopt;
    return std::string(found->get_string());
}

// read_item adds one item of the list; false: it is not what this program writes.
template <class Known, class ReadItem>
result<std::optional<Known>> find_known(transaction& tx, fact_question const& asked, ReadItem read_item)
{
    auto const row = find_fact(tx, asked);
    if (!row)
        return row.error();
    if (!*row)
        return std::optional<Known>();
    Known out;
    out.fault = (*row)->fault;
    for (auto const& item : (*row)->items)
        if (!read_item(out, item))
            return wrong_fact();
    return std::optional(std::move(out));
}

}  // namespace

result<> keep_paths(transaction& tx, fact_question const& asked, known_paths const& known)
{
    json::array items;
    items.reserve(known.paths.size());
    for (auto const& path : known.paths)
        items.emplace_back(path);
    return keep_fact(tx, asked, items, known.fault);
}

result<> keep_commits(transaction& tx, fact_question const& asked, known_commits const& known)
{
    json::array items;
    items.reserve(known.commits.size());
    for (auto const& one : known.commits)
    {
        json::object item{{"hash", one.hash}};
        if (one.message)
            item["message"] = *one.message;
        if (one.author)
            item["author"] = *one.author;
        items.push_back(std::move(item));
    }
    return keep_fact(tx, asked, items, known.fault);
}

result<std::optional<known_paths>> find_paths(transaction& tx, fact_question const& asked)
{
    return find_known<known_paths>(
        tx,
        asked,
        [](known_paths& out, boost::json::value const& item)
        {
            if (item.is_string())
                out.paths.emplace_back(item.get_string());
            return item.is_string();
        }
    );
}

result<std::optional<known_commits>> find_commits(transaction& tx, fact_question const& asked)
{
    return find_known<known_commits>(
        tx,
        asked,
        [](known_commits& out, boost::json::value const& item)
        {
            auto const* object = item.if_object();
            auto hash = object == nullptr ? std::nullopt : fact_text(*object, "hash");
            if (!hash)
                return false;
            auto& one = out.commits.emplace_back();
            one.hash = std::move(*hash);
            one.message = fact_text(*object, "message");
            one.author = fact_text(*object, "author");
            return true;
        }
    );
}

result<bool> is_known(transaction& tx, fact_question const& asked)
{
    return guarded(
        "look for a fact",
        [&]() -> result<bool>
        {
            auto& statement = bound(
                tx,
                "SELECT 1 FROM known_fact WHERE instance = ? AND repository = ? AND subject = ? AND "
                "old_commit = ? AND new_commit = ?",
                asked.instance,
                asked.repository,
                name_of(asked.subject),
                asked.before,
                asked.after
            );
            bool const found = statement.executeStep();
            statement.reset();
            return found;
        }
    );
}

result<std::int64_t> forget_facts(transaction& tx, std::int64_t at_most)
{
    return guarded(
        "forget facts",
        [&]() -> result<std::int64_t>
        {
            return bound(
                       tx,
                       "DELETE FROM known_fact WHERE rowid IN (SELECT rowid FROM known_fact WHERE created_at "
                       "< "
                       "? ORDER BY created_at LIMIT ?)",
                       tx.now() - known_fact_kept,
                       at_most
            )
                .exec();
        }
    );
}

}  // namespace linkspan
