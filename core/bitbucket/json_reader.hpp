#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

class json_elements;

// Reads members of a JSON document that others wrote. A member that is missing or null is "not known"
// (nullopt); one of the wrong type is a fault, and the first fault of the document is kept with its JSON
// pointer (RFC 6901). Of members of one name the first counts. Paths are relative, their steps joined by '/',
// array indices as numbers: "links/self/0/href".
class json_reader
{
public:
    // The document of `root`, and `fault`, must outlive the reader. `root` is where pointers begin.
    json_reader(simdjson::dom::element root, std::string& fault) : root_(root), value_(root), fault_(&fault)
    {
    }

    std::optional<std::string> text(std::string_view path) const;
    std::optional<std::string_view> word(std::string_view path
    ) const;  // the same; lives as long as the document
    std::optional<std::string> text_or_integer(std::string_view path) const;
    std::optional<std::int64_t> integer(std::string_view path) const;
    std::optional<bool> flag(std::string_view path) const;  // true, false or these words as text
    // ISO 8601 text, or a number of milliseconds since 1970.
    std::optional<time_point> moment(std::string_view path) const;

    // The same, where the document is useless without the member: a missing one is a fault.
    std::string required_text(std::string_view path) const;
    std::int64_t required_integer(std::string_view path) const;

    bool has(std::string_view path) const { return find(path).has_value(); }

    // Whether this object has a member of that name, be it null. Of one step only.
    bool mentions(std::string_view name) const;

    // Whether this value itself is an object.
    bool is_object() const;

    // Whether this value itself is that text.
    bool is_word(std::string_view word) const;

    // An object; a reader without members where it is missing.
    json_reader child(std::string_view path) const;
    // Every element of an array; none where it is missing. Null elements are passed over.
    json_elements elements(std::string_view path) const;
    // The names of an object's members in their order; none where it is missing.
    std::vector<std::string> names(std::string_view path) const;
    // A member of any type, written as JSON; empty where it is missing.
    std::string json(std::string_view path) const;

    void fail(std::string_view path, std::string_view what) const;

private:
    friend class json_elements;

    // Nothing where it is missing or null.
    std::optional<simdjson::dom::element> find(std::string_view path) const;

    simdjson::dom::element root_;
    simdjson::dom::element value_;  // of a reader without members: the nearest that is there
    std::string* fault_;
    std::string missing_;  // the path from there to what this reader is of; empty for one with members
};

// The elements of an array that are not null, each as a reader. The document must outlive it.
class json_elements
{
public:
    class iterator
    {
    public:
        using value_type = json_reader;
        using difference_type = std::ptrdiff_t;

        json_reader operator*() const;
        iterator& operator++();
        bool operator==(iterator const& other) const { return at_ == other.at_; }

    private:
        friend class json_elements;

        iterator(json_elements const& of, simdjson::dom::array::iterator at);
        void pass_nulls();

        json_elements const* of_;
        simdjson::dom::array::iterator at_;
    };

    iterator begin() const { return iterator(*this, begin_); }
    iterator end() const { return iterator(*this, end_); }
    std::size_t size() const;
    bool empty() const { return begin() == end(); }

private:
    friend class json_reader;

    explicit json_elements(json_reader const& of) : of_(of) {}

    json_reader of_;
    simdjson::dom::array::iterator begin_;
    simdjson::dom::array::iterator end_;
};

}  // namespace linkspan
