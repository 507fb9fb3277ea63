create table people (id int, name text, tag text, nums int[]);
insert into people values (1,'ann','x','{1,2}'),(2,'bob',null,'{}'),(3,'cat','x',null),(4,'dan','y','{3,null}');
create table orders (id int, person int, amount numeric, paid bool);
insert into orders values (10,1,1.5,true),(11,1,2,false),(12,3,null,null),(13,9,4.25,true);
