#pragma once
#include "cmd/linkspan/config.hpp"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace linkspan
{

enum class value_shape
{
    text,
    number,
    flag,  // a number: 1 for true, 0 for false
    texts,
    numbers,
};

// A value as read, of the shape that its row asks for. A single one is a list of one.
struct config_value
{
    std::vector<std::string> texts;
    std::vector<std::int64_t> numbers;
    std::vector<int> lines;  // of each
    int line = 0;            // of the key
};

// What a table of the file fills.
using config_target = std::variant<server_config*, source_config*, destination_config*, team*, rule*>;

// A key and all that the reader must know of it. A new key is a new row in config_rows.cpp.
struct config_row
{
    config_key key;
    value_shape shape = value_shape::text;
    std::size_t items_min = 0;                  // of a list
    result<> (*judge)(std::string&) = nullptr;  // of each text
    void (*store)(config_target, config_value&&) = nullptr;
};

std::span<config_row const> config_rows();
std::span<config_row const> config_rows(std::string_view table);

struct line_fault
{
    int line = 0;
    std::string message;
};

// Judges a value and, where nothing is wrong with it, stores it. Adds what is wrong with it to `faults`.
bool set_value(
    config_row const& row, config_target target, config_value value, std::vector<line_fault>& faults
);

}  // namespace linkspan
